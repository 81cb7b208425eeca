"""How fast texts are made ready for the index and for a query: ``python benchmarks/polish.py [texts]``."""

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from miasto.kernel.core import polish

WORDS = polish.words(
    """
    dziura w jezdni na ulicy śmieci worki leżą obok kontenera latarnia nie świeci od tygodnia zepsuta ławka park chodnik
    uszkodzony krawężnik studzienka zapchana woda zalewa drogę przystanek szyba wybita drzewo złamana gałąź
    niebezpieczne dzieci szkoła przejście pasy namalować znak przewrócony psy biegają trawnik skoszony smieci dziury
    oswietlenie lawka proszę o pilną interwencję
    """
)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rng = random.Random(1)
    texts = [" ".join(rng.choices(WORDS, k=15)) + f" numer {rng.randrange(10**6)}" for _ in range(count)]
    started = time.perf_counter()
    polish.forms("start")
    loaded = time.perf_counter()
    for text in texts:
        polish.search_text(text)
    done = time.perf_counter()
    polish._forms.cache_clear()
    unknown = ["niepelnosprawnoscx", "zazolcilibysmyz", "oswietleniowych"]
    for word in unknown:
        polish.forms(word)
    worst = time.perf_counter()
    print(f"{'load the dictionary':34}{(loaded - started) * 1e3:10.0f} ms")
    print(f"{f'{count} texts of 15 words':34}{(done - loaded) * 1e3:10.0f} ms")
    print(f"{'one unknown word, not cached':34}{(worst - done) * 1e3 / len(unknown):10.1f} ms")


if __name__ == "__main__":
    main()
