-- Written last: a file without it is a creation that was cut short.
PRAGMA user_version = 1;
