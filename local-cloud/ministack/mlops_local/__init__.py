"""What MiniStack lacks or does otherwise than AWS, put right inside its process.

Run as ``python -m mlops_local``. There is no plug-in point in MiniStack, so each name that is replaced here is
checked at start-up (``hooks.py``) and a version that no longer has it is refused.
"""
