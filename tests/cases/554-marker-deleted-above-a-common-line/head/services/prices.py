def prices(online):
    if not online:
        return cached()
    else:
        return fetch("http://prices:8080")
