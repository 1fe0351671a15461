"""The words of English letters, read from the lists beside this file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib import resources
from typing import Any

_WORD = r"(?<![\w-])(?:{})(?![\w-])"


class English:
    """Compiled once, when the module is imported.

    Attributes
    ----------
    sayings : dict of str to str
        Ids of terms by what people say for them.
    clauses : dict of str to list of str
        Patterns of what is told in a clause, by the id of the term that is meant.
    everyday : frozenset of str
        Names of HPO's that mean no finding in a letter.
    same : list of list of str
        Words that mean the same in any name.
    optional, fillers : frozenset of str
        Words of names that letters leave out, and words that letters put into names.
    irregular : dict of str to str
        Nouns by their plurals and adjectives that no ending tells, as they are without accents and British spelling.
    variants : dict of str to list of str
        What letters say in names for what HPO says.
    abbreviations : dict of str to str
        What a short word stands for inside a name.
    numbers : list of dict
        Names of what is counted, its unit, and the terms for ranges of values.
    looked_at : dict of str to list of str
        Patterns of what can be normal, by the id of the term that is excluded then.
    well : dict of str to list of str
        Patterns of what is said when all is well, by the id of the term that is excluded then.
    """

    def __init__(self, lists: dict[str, Any]) -> None:
        self._lists = lists
        which, who = "|".join(lists["which_relative"]), "|".join(lists["relative"])
        self._relative = rf"(?:(?:{which})[ -]?)*(?:{who})(?:['’]s|s)?"
        self.sayings = {said: term for term, sayings in _read("sayings.toml").items() for said in sayings}
        self.clauses: dict[str, list[str]] = _read("clauses.toml")
        self.everyday = frozenset(lists["everyday"])
        self.same: list[list[str]] = lists["same"]
        self.optional = frozenset(lists["optional"])
        self.fillers = frozenset(lists["fillers"])
        self.abbreviations: dict[str, str] = lists["abbreviations"]
        self.irregular: dict[str, str] = lists["irregular"]
        self.variants: dict[str, list[str]] = lists["variants"]
        self.numbers: list[dict[str, Any]] = _read("numbers.toml")["numbers"]
        self.looked_at: dict[str, list[str]] = lists["normal"]
        self.well: dict[str, list[str]] = lists["well"]
        self.not_there = self._whole_words("not_there")
        self.not_there_after = self._whole_words("not_there_after")
        self.still_there = self._whole_words("still_there")
        self.suspected = self._whole_words("suspected")
        self.name_of_other = re.compile(rf"\s+(?:{'|'.join(lists['name_of_other'])})\b", re.IGNORECASE)
        self.looked_for = self._whole_words("looked_for")
        self.suspected_after = self._whole_words("suspected_after")
        self.of_relative = self._whole_words("of_relative")
        self.patient = self._whole_words("patient")
        ends, clause = "|".join(lists["ends_negation"]), "|".join(lists["new_clause"])
        adverbs = r"(?:(?:he|she|they|it|there|then|now|also|later|still) )*"
        self.ends_negation = _compiled(
            [
                rf"\b(?:{ends})\b",
                rf"(?:\band|,) {adverbs}(?:{clause})\b",
                r", (?:with|he|she|they|the|an?|his|her)\b",
                "[:()]",
            ]
        )
        self.ends_suspicion = _compiled([self.ends_negation.pattern, r"\b(?:then|and|with)\b", ","])
        self.in_relative = _compiled(rf"^[^.,;]{{0,30}}\b{self._named(cue)}\b" for cue in lists["in_relative"])
        auxiliaries = (
            rf"(?:(?:has|have|had|also|both|first|already|was|were|is|are|and|(?:his|her|the) {self._relative}) )*"
        )
        self.telling = _compiled(
            [
                rf"\b{self._relative} {auxiliaries}(?:{'|'.join(lists['tells'])})",
                *(rf"\b{self._named(cue)}" for cue in lists["told_by"]),
            ]
        )

    def _whole_words(self, name: str) -> re.Pattern[str]:
        return _compiled([_WORD.format("|".join(self._named(cue) for cue in self._lists[name]))])

    def _named(self, cue: str) -> str:
        return cue.replace("RELATIVE", self._relative)


def _compiled(patterns: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text("utf-8"))


ENGLISH = English(_read("english.toml"))
