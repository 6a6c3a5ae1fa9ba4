"""Objects of another account's bucket.

MiniStack asks the bucket's policy about the caller's account, AWS about the role; and what may be read, MiniStack gives but
does not copy.
"""

import contextvars
from urllib.parse import unquote

from ministack.core import iam_actions
from ministack.core.responses import get_account_id
from ministack.services import s3

from .. import hooks
from . import principals


def _by_role(original):
    def allows(owner_account, bucket_name, key, method, query_params, caller, headers=None):
        if original(owner_account, bucket_name, key, method, query_params, caller, headers):
            return True
        if not caller:
            return False
        path = f"/{bucket_name}/{key}" if key else f"/{bucket_name}"
        named = iam_actions._s3_action(method, path, query_params)
        action = f"s3:{named or ('GetObject' if method in ('GET', 'HEAD') else 'PutObject')}"
        policy = s3._bucket_policies.get_scoped(owner_account, None, bucket_name)
        return principals.lets(policy, action, f"arn:aws:s3:::{path[1:]}")

    return allows


# The bucket of another account from which the request at hand copies, once it may.
_copied: contextvars.ContextVar[str | None] = contextvars.ContextVar("mlops_copied_bucket", default=None)


def _from_other_accounts(original):
    def copy(bucket_name, dest_key, headers):
        source = unquote(headers.get("x-amz-copy-source", "").lstrip("/").partition("?")[0]).partition("/")[0]
        foreign = s3._bucket_owner_account(source) not in (None, get_account_id())
        token = _copied.set(source if foreign else None)
        try:
            return original(bucket_name, dest_key, headers)
        finally:
            _copied.reset(token)

    return copy


def _or_copied(original):
    def ensure(name):
        if name == _copied.get():
            return s3._buckets.get_scoped(s3._bucket_owner_account(name), None, name)
        return original(name)

    return ensure


def install() -> None:
    """Ask about the role as well, and copy."""
    hooks.wrap(s3, "_copy_object", _from_other_accounts)
    hooks.wrap(s3, "_ensure_bucket", _or_copied)
    hooks.wrap(s3, "_foreign_bucket_allows", _by_role)
