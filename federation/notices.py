"""What goes with everything that we tell other nodes (MME service requirements)."""

from __future__ import annotations

DISCLAIMER = (
    "For professionals to discuss cases; not for decisions on diagnosis or treatment. What is told here is "
    "pseudonymised health data, reduced to what its owner lets this node see, and may be incomplete."
)
TERMS = (
    "Use it only to find and discuss similar cases with the contact named in each. Do not try to identify a person, do "
    "not pass it on beyond those who treat or study the case you asked with, and delete what does not lead anywhere."
)
