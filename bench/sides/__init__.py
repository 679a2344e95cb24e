"""The systems that are compared. Each module builds one of them on a Stage and hands back a Side to send traffic through."""
