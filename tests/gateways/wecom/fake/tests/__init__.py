"""The local WeCom keeps WeCom's rules: each limit and each code, once."""
