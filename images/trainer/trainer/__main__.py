"""`python -m trainer [train|evaluate]`; training is the default, as SageMaker's contract has it."""

import os
import sys
import traceback

from .errors import InputError, write_message
from .paths import Paths
from .training import train


def main(arguments: list[str]) -> int:
    command = arguments[0] if arguments else "train"
    paths = Paths.of(os.environ)
    if command == "train":
        return train(paths, os.environ)
    if command == "evaluate":
        return run_evaluation(paths)
    print(f"command is '{command}', allowed is 'train' or 'evaluate'", file=sys.stderr)
    return 2


def run_evaluation(paths: Paths) -> int:
    # scikit-learn takes a second to import, and training needs it in the team's process only
    from .evaluation import evaluate

    message = paths.output / "message"
    try:
        evaluate(paths)
    except InputError as error:
        print(error, file=sys.stderr)
        write_message(message, str(error))
        return 1
    except Exception as error:  # team code runs in here, and whatever it raises is the reason to pass on
        traceback.print_exc()
        write_message(message, f"evaluation failed, {type(error).__name__}: {error}", traceback.format_exc())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
