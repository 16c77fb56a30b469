"""The qualification terminal's three folders: request files are taken from `req`, answers put into `res` and `face`."""
