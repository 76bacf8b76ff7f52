"""The speed goals G1–G23, one module a goal, run by one command:

    python -m tests.benchmarks                        all goals
    python -m tests.benchmarks G18 G19                these
    python -m tests.benchmarks --posts 50000          with a smaller archive than the goals' million
    python -m tests.benchmarks --list                 what there is

It prints one line a figure: goal, figure, limit, verdict; it ends with 1 if a goal was missed. The goals and how they
were found: speed facts 8. Wall times are never asserted in the tests that CI runs; they are measured here.

To add a goal, add a module named after it, `g06_key.py`, with two names in it:

    GOAL = "G6: key to paint does not depend on the number of posts"

    def run(bench: Bench) -> Iterator[Figure]:
        yield Figure("j at 100,000 posts ÷ 1,000 posts", ratio, at_most=1.15, detail="5.4 ms")

Each figure is a ratio to a yardstick that runs in the same call, so that it means the same on every machine. `Bench`
(frame.py) has what most need:

    bench.compare(subject, yardstick)   runs the two in turn, gives both medians (`.ratio`)
    bench.ruler()                       milliseconds of a fixed piece of plain Python, for goals that are given in
                                        milliseconds: `bench.scaled(ms)` is the ratio of a time to that on the machine
                                        of the speed facts, so 1 ms there is 1 everywhere
    bench.archive(posts)                an open archive of so many made-up posts (corpus.py), made once a call
    bench.folder                        an empty folder that is removed in the end

A goal that cannot be measured here (another program is not installed) raises `Unavailable` with the reason: the table
says so, and it counts as missed only with `--strict`.
"""
