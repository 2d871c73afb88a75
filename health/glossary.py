"""The words of the product, each explained once: what stands behind a term on a page is also on the page of help."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    name: str
    says: str


TERMS: dict[str, Term] = {
    "score": Term(
        "Score",
        "0 to 100: the sum of what each measure adds, which is its points times its effective weight.",
    ),
    "band": Term(
        "Band",
        "Green, yellow or red by where the score lies, after margin, guards and override; unknown where too little is read.",
    ),
    "scored": Term("Scored band", "What the score alone says, with the margin, before guards and overrides."),
    "computed": Term("Computed band", "The scored band after the guards. An override stands above it."),
    "effective": Term("Effective band", "The band that counts: the override’s while one is in force, else the computed."),
    "coverage": Term(
        "Coverage",
        "How much of the scorecard’s weight could be read. Under the version’s limit the band is unknown.",
    ),
    "margin": Term(
        "Margin",
        "How far a score has to go past an edge before the band follows, so that one that rests on an edge does not flicker.",
    ),
    "measure": Term("Measure", "A metric on a scorecard, with a scale and a weight."),
    "reading": Term("Reading", "What a metric found for this account, in its natural unit, over the count that it rests on."),
    "scale": Term("Scale", "How readings become points: the edges of yellow and green, and what is best and worst."),
    "points": Term("Points", "0 to 100: where a reading lies on its scale. Yellow begins at 40, green at 70."),
    "weight": Term(
        "Weight",
        "The measure’s effective share of the score. The weight of a measure without a reading goes to the others.",
    ),
    "adds": Term("Adds", "Points times weight: what the measure adds to the score. All that is added is the score."),
    "lost": Term("Lost", "What the measure would add besides if it were at 100 points."),
    "age": Term("Age", "How old the newest fact is that the reading rests on."),
    "guard": Term("Guard", "A rule that caps the band whatever the score: while it applies, the band is at most that."),
    "override": Term(
        "Override",
        "A person’s band with a reason and a last day, above the computed one. The score goes on beside it.",
    ),
    "merge": Term(
        "Merge",
        "Two accounts that turned out to be one: records, days of use and open tasks are the survivor’s from then on. What was "
        "known before stays as it was. An admin can undo it for 30 days.",
    ),
    "pulse": Term("Pulse", "What the CSM makes of the account, 1 (at risk) to 5 (great)."),
    "path": Term("Path to green", "The fewest measures that would lead to green, most to gain first, in units that happen."),
    "late": Term("Late data", "Facts that came after a day was scored. What changed tells them from what happened."),
    "held": Term("Kept", "The last good reading, which stays for some days while its source is silent."),
    "stale": Term("Stale", "An answer or opinion older than the scorecard accepts. It does not count."),
    "median": Term("Median", "Half of the accounts on the same scorecard read higher, half lower."),
    "segment": Term("Segment", "Accounts that share a rule, such as their tier. The first in the line-up that fits decides the scorecard."),
    "scorecard": Term("Scorecard", "Measures in groups with weights, scales and guards. Published versions never change."),
    "movement": Term("Movement", "The score against that of 7 and of 30 days before."),
    "arr": Term("ARR", "What the licenses in force are worth in a year: of one account in its own currency, in totals in the organization’s. One that ended counts on for its grace while its renewal is undecided."),
    "renewal": Term("Renewal", "The next contract that is not decided on, and how many days are left."),
    "settled": Term("Settled", "A day is scored in the night after it and, for what came late, once more; then it is settled."),
    "touchpoint": Term("Touchpoint", "A meeting, call, message or event between the customer and us, past or planned."),
    "seats": Term("Licenses", "How many people the licenses in force are for."),
    "users": Term(
        "Daily, weekly, monthly users",
        "How many different people used the product on a day (DAU), and in the 7 (WAU) and 30 days (MAU) up to it.",
    ),
    "unknown": Term("Unknown", "No band: too little of the scorecard’s weight could be read, or a measure that it requires could not."),
    "scored_for": Term("Scored for", "The day whose end the score stands for, with what was known when it was made."),
    "changed": Term(
        "What changed",
        "How the score of one day became that of another: what measures did by themselves, then coverage, late data and "
        "configuration. It adds up.",
    ),
    "change_coverage": Term("Coverage, as a change", "What the score moved because measures began or ceased to be read."),
    "configuration": Term("Configuration", "What another scorecard, version or settings did to the score, with the same facts."),
    "cause": Term("Main cause", "The one thing that moved the score most in that time."),
    "at_risk": Term("ARR at risk", "What accounts are worth that are red or yellow and renew within 90 days."),
    "churned": Term("Churned", "No longer a customer. It keeps its history and is not scored any more."),
    "silent": Term("Silent", "No touchpoint within 30 days, or nobody in the product within 14."),
    "divergence": Term(
        "Divergence",
        "The latest pulse, as points, is 35 or more from the score and does not go with the band: one of the two is wrong.",
    ),
    "stakeholder": Term("Stakeholder", "A person at the customer who decides, influences or uses, and who is for us or not."),
    "nps": Term(
        "NPS",
        "The share of promoters (9 or 10) less that of detractors (0 to 6), from −100 to +100, with its margin of error.",
    ),
    "core": Term("Core feature", "A feature that the product is bought for. Settings name them, or the source marks them."),
    "rollup": Term("Roll-up", "The scores of a parent and all its parts as one, weighted by ARR."),
    "objective": Term("Objective", "What the customer wants to reach with the product, by when, and how far it is."),
    "source": Term("Source", "A system that delivers records, such as a CRM. Each record is known by source, kind and id."),
    "stream": Term("Stream", "One kind of record of one source. It is on time, late or silent by itself."),
    "delivery": Term("Delivery", "One file or request with records of one stream."),
    "complete_through": Term("Complete through", "Up to when the stream told all that there was. What lies after it may still come."),
    "late_source": Term(
        "Late source",
        "A stream that has not delivered for longer than it may: as its settings say, else twice its usual interval.",
    ),
    "rejected": Term("Rejected", "Rows that could not be taken, each with the field and the reason. None of them counts."),
    "waiting": Term("Waiting", "Records that name another one which has not arrived. They are kept, and joined when it does."),
    "dropped": Term("Dropped", "The day on which records that still wait are given up."),
    "turned": Term("Changed band", "Accounts whose effective band is another one than on the day before."),
    "took": Term("Took", "From the first account of a run to its last, by the clock."),
    "work": Term("Work", "What all workers spent on a run together. With several at once it is more than the clock’s."),
    "failed": Term("Failed", "Readings that broke. They are kept like those of a silent source, and the night goes on."),
}  # fmt: skip

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Everywhere", (("/", "Find accounts, people, tickets, tasks"), ("?", "These keys"), ("Esc", "Close what is open"))),
    ("In lists", (("J", "Next"), ("K", "Previous"), ("Enter", "Open"))),
    ("In the list of accounts", (("X", "Select, or not any more"), ("Shift X", "Select from the last one to here"), ("Esc", "Unselect all"), ("F", "Filter"), ("1 – 9", "Views"))),
    ("On an account", (("L", "Log a touchpoint"), ("T", "Add a task"), ("E", "Set the pulse"), ("1 – 5", "Choose its rating, where it is asked for"), ("Ctrl Enter", "Save what is typed"))),
)  # fmt: skip

STEPS: tuple[tuple[str, str], ...] = (
    ("Facts come in", "From your systems, and from what you log. Each has two clocks: when it happened, when it was learned."),
    ("Metrics read them", "Each night, as of the day that ended. A reading without facts is missing, never zero."),
    ("Scales make points", "The account’s scorecard turns readings into 0 to 100 points, the same ruler for all of them."),
    ("Weights make the score", "Points times weights add up to the score. Measures without a reading leave their weight to the others."),
    ("The band follows", "Edges and margin give the scored band, guards cap it, an override stands above both."),
    ("It is kept", "Each day’s score is stored with all that went into it, so that the page can always say why."),
)  # fmt: skip
