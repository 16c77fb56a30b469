"""The real system's paths (wire.md 1.1 and 1.2), and the mock's own for terminals that run elsewhere."""

LOGIN_PATH = "/oqs-api-pro/MSA12020/ILI12020SV01/auth"
SEARCH_PATH = "/oqs-api-pro/MSA01030/ILI01030SV01/search"
FILES_PATH = "/admin/files"
FACES_PATH = "/admin/faces"
