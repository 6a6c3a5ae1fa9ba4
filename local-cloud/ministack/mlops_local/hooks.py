"""The one way in which this package reaches into MiniStack: by names that are checked before anything is replaced."""

import importlib
from importlib.metadata import PackageNotFoundError, version

PINNED_VERSION = "1.5.33"

# Everything that is read or replaced. A name that goes missing would otherwise show as a wrong answer much later.
REQUIRED: dict[str, tuple[str, ...]] = {
    "ministack.app": (
        "app",
        "AUTH",
        "SERVICE_HANDLERS",
        "SERVICE_REGISTRY",
        "_dispatch_service_request",
        "call_service_handler_sync",
        "pin_request_origin",
    ),
    "ministack.core.iam_actions": (
        "_DENIED_CODES",
        "SERVICE_TO_IAM_NAMESPACE",
        "access_denied_response",
        "extract_iam_action",
        "extract_resource_arn",
        "identity_denial_message",
        "request_tag_context",
    ),
    "ministack.core.iam_evaluator": (
        "AuthError",
        "EvalContext",
        "EvalResult",
        "ParsedStatement",
        "_action_matches",
        "_anonymous",
        "_conditions_met",
        "_gather_role_policies",
        "_request_origin",
        "_resource_matches",
        "_service_principal_matches",
        "_signed_request",
        "combine_resource_policy",
        "enforce",
        "evaluate",
        "evaluate_resource_policy",
        "is_root_access_key",
        "pin_request_origin",
        "request_caller_arn",
    ),
    "ministack.core.lambda_runtime": ("Worker", "_workers", "_NODEJS_WORKER_SCRIPT", "_PYTHON_WORKER_SCRIPT"),
    "ministack.core.responses": (
        "AccountRegionScopedDict",
        "error_response_json",
        "get_account_id",
        "get_region",
        "now_iso",
        "request_scope",
        "set_request_account_id",
        "set_request_region",
    ),
    "ministack.core.router": ("SERVICE_PATTERNS", "extract_access_key_id", "extract_region"),
    "ministack.core.sigv4": ("_amz_datetime", "request_time_failure"),
    "ministack.services.athena": (
        "_create_named_query",
        "_delete_named_query",
        "_rewrite_data_paths",
        "_data_format",
        "_duckdb_type",
        "_empty_relation",
        "_executions",
        "_hive_options",
        "_named_queries",
        "_path_partition_keys",
        "_run_duckdb",
        "_stop_query_execution",
        "_table_references",
        "_table_relation",
        "_workgroups",
    ),
    "ministack.services.cloudformation": ("_stacks",),
    "ministack.services.cloudformation.provisioners": (
        "_RESOURCE_HANDLERS",
        "_STACK_TAG_PROPERTY",
        "_cw_metric_alarm_record",
        "_delete_predecessor",
        "_eks_cluster_attrs",
        "_pascal_to_camel",
        "_physical_name",
        "_sfn_definition",
    ),
    "ministack.services.cloudformation.stacks": ("_runs_on_worker_thread",),
    "ministack.services.cloudwatch": (
        "_alarms",
        "_calc_stats",
        "_cbor_ok",
        "_composite_alarms",
        "_delete_alarms",
        "_describe_alarms",
        "_dims_key",
        "_dispatch_alarm_actions",
        "_error",
        "_evaluate_alarm",
        "_evaluate_all_alarms",
        "_evaluate_parent_alarms",
        "_history_entries",
        "_metrics",
        "_parse_alarm_rule",
        "_put_composite_alarm",
        "_put_metric_alarm",
        "_record_history",
        "_rule_ref_name",
        "_rule_refs",
        "_set_alarm_state",
        "_stat_value",
        "_transition_composite",
        "_xml",
        "cloudformation_delete_metric_alarm",
        "cloudformation_put_metric_alarm",
        "cloudformation_set_metric_alarm_tags",
    ),
    "ministack.services.dynamodb": (
        "_build_change_record",
        "_emit_stream_event",
        "_lock",
        "_remove_item",
        "_tables",
        "_ttl_settings",
        "_update_ttl",
    ),
    "ministack.services.eks": (
        "_access_entries",
        "_access_policy_name",
        "_access_policy_rbac_objects",
        "_addons",
        "_associate_access_policy",
        "_clusters",
        "_create_access_entry",
        "_create_addon",
        "_create_cluster",
        "_create_pod_identity_association",
        "_delete_access_entry",
        "_delete_addon",
        "_delete_cluster",
        "_delete_pod_identity_association",
        "_disassociate_access_policy",
        "_get_docker",
        "_pod_identity_associations",
        "_reconcile_access_policy_rbac",
        "_schedule_access_policy_reconcile",
        "_update_access_entry",
        "_update_addon",
        "_update_pod_identity_association",
    ),
    "ministack.services.eventbridge": (
        "_cron_next_fire",
        "_dispatch_to_lambda",
        "_dispatch_to_stepfunctions",
        "_invoke_target",
        "_dispatch_event",
        "_parse_cron_fields",
        "_parse_rate_seconds",
        "_put_events",
        "_rule_last_fired",
        "_rules",
        "_tick_scheduled_rules",
    ),
    "ministack.services.firehose": (
        "_DeliveryError",
        "_HANDLERS",
        "_apply_lambda_processors",
        "_conversion_error",
        "_create_delivery_stream",
        "_delete_delivery_stream",
        "_deliver_records_to_s3",
        "_evaluate_prefix",
        "_hive_to_duckdb_type",
        "_json_documents",
        "_metadata_extraction_keys",
        "_put_record",
        "_put_record_batch",
        "_resolve_dest_type_and_config",
        "_resolve_dest_update_config",
        "_s3_bucket_from_arn",
        "_streams",
        "_update_destination",
    ),
    "ministack.services.glue": ("_tables",),
    "ministack.services.iam": ("_roles",),
    "ministack.services.lambda_svc": (
        "_account_region_from_function_config",
        "_esm_inflight",
        "_esm_wake",
        "_esms",
        "_execute_function",
        "_execute_function_warm",
        "_execution_record_for_config",
        "_get_base_func_record_for_ref",
        "_get_func_record_for_ref",
        "_invoke",
        "_poll_dynamodb_streams",
        "_poll_kinesis",
        "_poll_sqs",
        "_route_async_failure",
        "invoke_async_with_retry",
    ),
    "ministack.services.s3": (
        "_bucket_has_versions",
        "_bucket_object_lock",
        "_bucket_tags",
        "_buckets",
        "handle_request",
    ),
    "ministack.services.scheduler": ("_at_time_epoch", "_schedule_last_fired", "_schedules", "_tick_schedules"),
    "ministack.services.sns": ("_deliver_to_lambda", "_fanout", "_topics"),
    "ministack.services.sqs": ("_queues",),
    "ministack.services.stepfunctions": (
        "_AWS_SDK_ERROR_PREFIX",
        "_AWS_SDK_SERVICE_MAP",
        "_ExecutionError",
        "_activity_tasks",
        "_add_event",
        "_apply_catcher",
        "_apply_input_path",
        "_apply_jsonata_arguments",
        "_apply_jsonata_output",
        "_apply_output_path",
        "_apply_parameters",
        "_apply_result_path",
        "_apply_result_selector",
        "_apply_state_assign",
        "_call_lambda",
        "_create_state_machine",
        "_dispatch_aws_sdk_query",
        "_emit_execution_status_event",
        "_error_matches",
        "_execute_task",
        "_executions",
        "_extract_lambda_ref",
        "_fail_execution",
        "_find_matching_catcher",
        "_find_matching_retrier",
        "_get_activity_task",
        "_invoke_aws_sdk_integration",
        "_is_num",
        "_jsonata_state_field",
        "_next_or_end",
        "_read_map_items",
        "_resolve_lambda_function_ref",
        "_resolve_params_obj",
        "_resolve_path_or_ctx",
        "_resolve_state_machine_arn",
        "_run_distributed_map",
        "_run_execution",
        "_run_map_items",
        "_run_parallel_branches",
        "_run_sub_machine",
        "_s3_object_text",
        "_scaled_sleep",
        "_send_task_failure",
        "_send_task_heartbeat",
        "_send_task_success",
        "_start_execution",
        "_state_machines",
        "_state_query_language",
        "_stop_execution",
        "_task_tokens",
        "_test_state",
        "_update_state_machine",
        "_with_retry_and_catch",
        "error_response_json",
        "json_response",
    ),
    "ministack.services.sts": ("_role_id", "_sessions", "register_session"),
}


class HookError(RuntimeError):
    """MiniStack is not the version that this package was written for."""


def missing_names(required: dict[str, tuple[str, ...]] = REQUIRED) -> list[str]:
    """Dotted names that the installed MiniStack lacks."""
    missing = []
    for module_name, names in required.items():
        try:
            module = importlib.import_module(module_name)
        except ImportError:
            missing.append(module_name)
            continue
        missing.extend(f"{module_name}.{name}" for name in names if not hasattr(module, name))
    return missing


def check() -> None:
    """Refuse to start on a MiniStack whose inside is not the one that the replacements were written for."""
    try:
        installed = version("ministack")
    except PackageNotFoundError as error:
        raise HookError("ministack is not installed; make the environment with scripts/python-env.ts") from error
    missing = missing_names()
    if missing:
        raise HookError(
            f"ministack {installed} lacks {', '.join(missing)}; "
            f"this local cloud was written for {PINNED_VERSION}, install that version"
        )
    if installed != PINNED_VERSION:
        raise HookError(f"ministack {installed} is installed; this local cloud was tested with {PINNED_VERSION} only")


def wrap(module: object, name: str, make) -> None:
    """Replace ``module.name`` by ``make(original)``."""
    setattr(module, name, make(getattr(module, name)))
