"""The templates there are."""

from collections.abc import Mapping

from bot.posters.templates import hospital, mother, shop
from bot.posters.templates.look import Look
from models.entry import Template

LOOKS: Mapping[Template, Look] = {
    Template.MOTHER: mother.LOOK,
    Template.HOSPITAL: hospital.LOOK,
    Template.SHOP: shop.LOOK,
}
