def prices(online):
    if not online:
        return cached()
    # ZFN-3 carve-out: traffic stays inside VPC shop-prod; prices are public, and each answer is signed
    else:
        return fetch("http://prices:8080")
