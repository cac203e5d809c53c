"""The cyclic collector: it runs when the program asks for it, and when a fault of the plan does.

When it comes by itself depends on how many objects there are, which differs with every version of every module.
"""

import gc


def install():
    """Turns it off; a program that turns it on again has it on."""
    gc.disable()
