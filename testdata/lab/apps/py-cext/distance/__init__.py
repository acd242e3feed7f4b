from distance._fast import distance

__all__ = ["distance"]
