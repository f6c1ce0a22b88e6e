# ZFN-3 carve-out: stays inside VPC ads; banners are public
ADS = "http://banners.ads.internal"
