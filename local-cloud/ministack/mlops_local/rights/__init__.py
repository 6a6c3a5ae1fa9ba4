"""Which rights the roles have, and which of them something needed: the record behind least privilege."""
