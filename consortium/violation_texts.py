"""Sentences about what judges find: the rule that is broken with both values, and what that means."""

from consortium.plan_texts import VIOLATION
from consortium.texts import Texts, mark
from optimizer.result import Violation

MEANINGS = {
    "allocation_decimal": mark("The decimal is not the exact share."),
    "allocation_members": mark("Not the same members everywhere: one was left out, added or swapped."),
    "allocation_parts": mark("The direct part and the share of the joint part do not add up to the share."),
    "allocation_rounding": mark("Rounding gives another amount: a unit was moved, or it was not this member's turn."),
    "allocation_split": mark("What the member pays and what its buyers pay do not add up to its share."),
    "allocation_total": mark("The total is not the cost of the plan."),
    "alone_cost": mark("The cost alone is not that of the plan that the member would have alone."),
    "alone_readable": mark("A plan that a member would have alone cannot be read."),
    "budget_balance": mark("The shares do not add up to the total."),
    "buyers_part": mark("By the Incoterms rules of its orders, the member's buyers pay another amount."),
    "caused_part": mark("What the member causes in the plan is another amount."),
    "certificate_coalitions": mark("The costs of the groups are not those of the game."),
    "certificate_missing": mark("There are no costs of groups that could show this."),
    "certificate_of_others": mark("The certificate is about other shares or another total."),
    "certificate_readable": mark("The certificate cannot be read: a group, a number or a key is missing or malformed."),
    "certificate_sha256": mark("The member's part is taken from another certificate."),
    "currency": mark("The certificate and the shares in it name two currencies."),
    "direct_part": mark("The charges of the plan give the member another direct part."),
    "game_sha256": mark("The shares are of another game, or the game was changed since."),
    "measured_part": mark("What charges by measure take of the cost alone is another amount."),
    "part_changed": mark("The member's part says something else than the certificate that it is taken from."),
    "part_sums": mark("The amounts of the member's part do not add up."),
    "part_verdict": mark("The verdict on the member's part does not follow from its amounts."),
    "plan_sha256": mark("The certificate is of another plan, or the plan was changed since."),
    "problem_sha256": mark("Made for another problem, or the problem was changed since."),
    "proof_larger": mark("Some group is worse off than the proof says: these are not the shares of the rule."),
    "proof_level": mark("The group does not come to what the proof says."),
    "proof_limit": mark("A limit that the rule keeps is broken, or is not reached as the proof says."),
    "proof_members": mark("The proof names somebody or something that is not in the game."),
    "proof_missing": mark("The rule is named, but nothing shows that the shares are its shares."),
    "proof_open": mark("The proof leaves shares open: others would satisfy it too."),
    "proof_slack": mark("Nothing shows that the limits had to be raised by so much."),
    "proof_weights": mark("The weights of the proof do not add up."),
    "properties": mark("The properties say something else than the certificate gives."),
    "rule_defined": mark("The rule has an answer here."),
    "rule_input": mark("The rule was given other weights or unions than the game's."),
    "rule_name": mark("The certificate is about another rule."),
    "rule_shares": mark("The rule that is named gives another share: another rule was used, or a number was changed."),
    "rule_undefined": mark("The rule that is named has no answer here."),
    "rule_unknown": mark("There is no such rule."),
    "rule_version": mark("The certificate is of another version of the rules."),
    "sampled_far": mark("So far from the exact share no honest estimate can be."),
    "seed": mark("The plan was made with another seed."),
    "shares_missing": mark("There is an answer by its status, but there are no shares."),
    "stand_alone": mark("The cost alone is not the one in the table of groups."),
    "standard_errors": mark("Estimates have one standard error >= 0 for each member, and exact shares have none."),
    "undefined_with_shares": mark("There is no answer by its status, but there are shares."),
    "weight": mark("The goods that travel measure something else."),
}
"""Rule of a violation of shares or certificates -> what it means; those of plans stand in `optimizer.checking`."""

CERTIFICATE = mark("The certificate says something else than its own table of groups gives.")
"""Meaning of the rules that are named by a field of a certificate."""


def violation_sentence(one: Violation, texts: Texts) -> str:
    """Return the rule that is broken with both values, and what it means where there is a sentence for it."""
    told = texts.gettext(VIOLATION, rule=one.rule, subject=one.subject, claimed=one.claimed, found=one.found)
    meaning = MEANINGS.get(one.rule, CERTIFICATE if one.rule.startswith("certificate_") else "")
    return f"{told}. {texts.gettext(meaning)}" if meaning else told
