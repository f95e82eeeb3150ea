"""
title: {en: a count of the amounts instead of the orders, zh: 数的是金额而不是订单}
advice: {en: "`count` leaves out what is missing; use `size`.", zh: "`count` 不计缺失值；应使用 `size`。"}
task: missing
"""


def customer_spend(orders):
    by_customer = orders.groupby("customer")
    table = by_customer.agg(orders=("amount", "count"), spent=("amount", "sum"), last_day=("day", "max"))
    return table.reset_index()
