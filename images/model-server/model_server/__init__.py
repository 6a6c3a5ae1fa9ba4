"""The serving image: one trained version behind SageMaker's contract and the Open Inference Protocol."""
