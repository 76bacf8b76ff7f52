"""Reading fields of decoded JSON: what all adapters of JSON APIs share, under the name that this folder uses."""

from mbclient.services.fields import Garbage, counted, identity, instant, items, language, number, obj, string

__all__ = ["Garbage", "counted", "identity", "instant", "items", "language", "number", "obj", "string"]
