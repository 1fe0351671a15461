"""Draw invented cases from disease annotations, the same ones from the same seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

from matchmaker.demonstration import people
from matchmaker.model import Case, GeneId, GenomicFeature, Sex
from ontology.annotations import Disease
from ontology.releases import Release

MIN_TERMS, MAX_TERMS = 4, 10
TRUE_GENE_LISTED = 0.7  # as in unsolved genomes, the causal gene is missing from the rest
KEPT_FOR_THE_STORY = {people.PHGDH, people.TLR7, people.ASPM}
CITIES = {
    "IE": ("Dublin", "Cork", "Galway", "Limerick"),
    "ES": ("Madrid", "Barcelona", "Seville", "Valencia"),
    "FI": ("Helsinki", "Turku", "Oulu", "Tampere"),
}


def draw_cases(release: Release, *, country: str, n_cases: int, seed: int) -> Iterator[Case]:
    """Yield cases of one country, each with the findings and perhaps the gene of one annotated disease."""
    rng = random.Random(f"{seed}-{country}")
    diseases = _diseases(release)
    genes = sorted({gene for disease in diseases for gene in disease.genes})
    for number in range(n_cases):
        disease = rng.choice(diseases)
        city = rng.choice(CITIES[country])
        yield people.invented(
            f"{country}-{1000 + number}",
            f"Drawn case {country}-{1000 + number}",
            people.centre(city, f"Dr {city} Invented"),
            sex=rng.choice((Sex.FEMALE, Sex.MALE)),
            features=people.features(*_findings(rng, release, disease)),
            genomic_features=tuple(GenomicFeature(gene=gene) for gene in _candidates(rng, disease, genes)),
        )


def _diseases(release: Release) -> list[Disease]:
    """Diseases with a gene and enough findings to draw from, in order of their ids."""
    found = []
    for disease_id in sorted(release.annotations.ids):
        disease = release.annotations.disease(disease_id)
        observed = [a for a in disease.annotations if not a.excluded and release.hpo.index_of(a.term) is not None]
        if disease.genes and len(observed) >= MAX_TERMS and not KEPT_FOR_THE_STORY & set(disease.genes):
            found.append(disease)
    return found


def _findings(rng: random.Random, release: Release, disease: Disease) -> list[str]:
    """Draw terms by how often patients have them; without replacement."""
    terms = {
        a.term: a.frequency or 0.5
        for a in disease.annotations
        if not a.excluded and release.hpo.index_of(a.term) is not None
    }
    wanted = rng.randint(MIN_TERMS, MAX_TERMS)
    # Efraimidis and Spirakis, IPL 97:181 (2006): the largest u ** (1 / w) are a weighted sample.
    keyed = sorted(terms, key=lambda term: (rng.random() ** (1.0 / max(terms[term], 0.01)), term), reverse=True)
    return sorted(keyed[:wanted])


def _candidates(rng: random.Random, disease: Disease, genes: list[GeneId]) -> list[GeneId]:
    decoys = rng.sample(genes, rng.randint(1, 6))
    true = [rng.choice(sorted(disease.genes))] if rng.random() < TRUE_GENE_LISTED else []
    return sorted({*decoys, *true} - KEPT_FOR_THE_STORY)
