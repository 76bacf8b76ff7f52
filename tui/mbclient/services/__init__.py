"""One module or folder a service, behind the port of core; `registry` finds them, `http` talks for them."""
