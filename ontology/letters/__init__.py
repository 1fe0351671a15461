"""HPO terms in a paragraph of a doctor's letter: what is said, of whom, and whether it is there.

`LetterReader` suggests; a clinician accepts or rejects. Nothing here keeps a text. English only.
"""

from ontology.letters.reader import LetterReader, Mention

__all__ = ["LetterReader", "Mention"]
