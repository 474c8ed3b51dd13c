"""How good a model is, and whether it may replace another. Pure numpy, no Django.

Every result is a frozen dataclass of plain numbers, text and None: `dataclasses.asdict` makes it
ready for JSON.
"""
