# ZFN-3 carve-out: loopback only, to the label printer's daemon; nothing secret on a label
PRINTER = "http://127.0.0.1:631"
