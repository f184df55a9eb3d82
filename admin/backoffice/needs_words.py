"""What needs somebody, in words: what has happened, and the one thing to do next."""

from kernel.errors import N_
from storefront.needs.queries import Need

HAPPENED = {
    Need.DISPUTED: N_("The bank of {name} claims money of this order back."),
    Need.REFUND_FAILED: N_("{amount} could not be paid back to {name}."),
    Need.PAYMENT_UNKNOWN: N_("Nobody can see whether {name} has paid {amount}."),
    Need.REFUND_UNKNOWN: N_("Nobody can see whether {amount} is on its way back to {name}."),
    Need.PAID_LATE: N_("{amount} from {name} came too late for the day of the order."),
    Need.MONEY_STUCK: N_("{amount} from {name} is still under way, and the time for it is over."),
    Need.HAND_BACK: N_("{amount} has to be handed back to {name}."),
}
NEXT = {
    Need.DISPUTED: N_("Answer the bank"),
    Need.REFUND_FAILED: N_("Settle the refund"),
    Need.PAYMENT_UNKNOWN: N_("See how it stands"),
    Need.REFUND_UNKNOWN: N_("See how it stands"),
    Need.PAID_LATE: N_("Choose another day or pay back"),
    Need.MONEY_STUCK: N_("Wait, or cancel the order"),
    Need.HAND_BACK: N_("Hand it back"),
}
