"""Numbers of entries on data, metrics, experiments and trust, found a second way."""

from __future__ import annotations

import itertools
import math
import sqlite3
import statistics
from fractions import Fraction

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import expit, logit
from scipy.stats import binom, binomtest, entropy, hypergeom, norm
from sklearn.metrics import mean_pinball_loss, roc_auc_score
from sklearn.preprocessing import MinMaxScaler

from tests.content.second_route import Routes, root

ROUTES = Routes()


@pytest.mark.parametrize("entry_id", ROUTES)
def test_a_second_route_gives_the_key_for_what_may_be_drawn(entry_id: str) -> None:
    """The formula of the entry and another way to the number agree well within what is accepted."""
    ROUTES.assert_agrees(entry_id)


@ROUTES.to("accuracy-behind-noisy-test")
def accuracy_that_is_measured_so(measured: float, noise: float) -> float:
    return root(lambda a: a * (1 - noise) + (1 - a) * noise - measured, 0, 1)


@ROUTES.to("auc-of-three-risk-levels")
def auc_of_every_loan(**loans: int) -> float:
    levels = {"high": 3, "mid": 2, "low": 1}
    scores = [(levels[name.split("_")[1]], name.startswith("pos")) for name, n in loans.items() for _ in range(n)]
    return float(roc_auc_score([label for _, label in scores], [score for score, _ in scores]))


@ROUTES.to("bleu-of-a-short-system")
def bleu_in_the_log_domain(cand: int, ref: int, **precisions: float) -> float:
    return 100 * math.exp(statistics.fmean(map(math.log, precisions.values())) + min(0, 1 - ref / cand))


@ROUTES.to("clicks-by-position")
def mean_weight_of_all_impressions(exam: float, n1: int, c1: int, n6: int, c6: int) -> float:
    weights = [1.0] * c1 + [0.0] * (n1 - c1) + [1 / exam] * c6 + [0.0] * (n6 - c6)
    return 100 * statistics.fmean(weights)


@ROUTES.to("count-forecast-windows")
def windows_that_fit(length: int, lookback: int, horizon: int, stride: int) -> float:
    return sum(start + lookback + horizon <= length for start in range(0, length, stride))


@ROUTES.to("cutmix-at-the-border")
def pixels_left_of_a(side: int, column: int) -> float:
    pasted = np.zeros((224, 224), dtype=bool)
    pasted[112 - side // 2 : 112 + side // 2, max(0, column - side // 2) : column + side // 2] = True
    return 1 - float(pasted.mean())


@ROUTES.to("daily-counts-budget")
def smallest_epsilon_over_all_orders(days: int, sigma: float) -> float:
    """Renyi divergences of all days add up; convert at the order that gives the least."""
    rho = sum(1 / (2 * sigma**2) for _ in range(days))
    found = minimize_scalar(lambda a: rho * a + math.log(1e6) / (a - 1), bounds=(1 + 1e-9, 1e4), method="bounded")
    return float(found.fun)


@ROUTES.to("equal-odds-unequal-precision")
def precision_of_counts(tpr: float, fpr: float, pa: float, pb: float) -> float:
    def precision(base: float) -> Fraction:
        people = 10**6
        hits = Fraction(str(base)) * people * Fraction(str(tpr))
        alarms = (people - Fraction(str(base)) * people) * Fraction(str(fpr))
        return hits / (hits + alarms)

    return float(100 * (precision(pa) - precision(pb)))


@ROUTES.to("error-in-scaled-units")
def error_of_scaled_back_prices(low: float, high: float, mean: float, deviation: float, error: float) -> float:
    """No mean and no deviation: the scaler is fitted to the ends, and its inverse gives prices."""
    scaler = MinMaxScaler().fit([[low], [high]])
    scaled = np.linspace(0, 1, 50)[:, None]
    predicted = scaled + np.where(np.arange(50) % 2, error, -error)[:, None]
    off = scaler.inverse_transform(predicted) - scaler.inverse_transform(scaled)
    assert mean
    assert deviation
    return float(np.sqrt((off**2).mean()))


@ROUTES.to("f1-from-rates")
def harmonic_mean_of_both(recall: float, specificity: float, count: int, positive: int) -> float:
    hits, false_alarms = recall * positive, (1 - specificity) * (count - positive)
    return statistics.harmonic_mean([recall, hits / (hits + false_alarms)])


@ROUTES.to("mean-of-batch-means")
def gap_of_both_means(full: int, size: int, rest: int, usual: float, odd: float) -> float:
    batches = [[usual] * size for _ in range(full)] + [[odd] * rest]
    return statistics.fmean(map(statistics.fmean, batches)) - statistics.fmean(itertools.chain(*batches))


@ROUTES.to("minhash-banding")
def some_band_agrees(similarity: float, rows: int, bands: int) -> float:
    return float(binom.sf(0, bands, similarity**rows))


@ROUTES.to("minmax-unseen-range")
def scaled_by_a_fitted_scaler(low: float, high: float, value: float) -> float:
    scaler = MinMaxScaler().fit([[low], [low + (high - low) / 4], [high]])
    return float(scaler.transform([[value]])[0, 0])


@ROUTES.to("nested-search-fits")
def fits_one_by_one(configs: int, outer: int, inner: int) -> float:
    def search() -> int:
        return sum(1 for _ in itertools.product(range(configs), range(inner))) + 1

    return sum(search() for _ in range(outer)) + search()


@ROUTES.to("patients-for-a-sensitivity")
def enrolled_until_narrow_enough(sens: float, half: float, prev: float) -> float:
    return root(lambda n: half - 1.96 * math.sqrt(sens * (1 - sens) / (n * prev)), 1, 1e9)


@ROUTES.to("pinball-of-three-orders")
def pinball_of_a_library(tau: float, forecast: float, under: float, over: float) -> float:
    demands = [forecast - under, forecast - under - 14, forecast + over]
    return float(mean_pinball_loss(demands, [forecast] * 3, alpha=tau))


@ROUTES.to("portfolio-value-at-risk")
def quantile_of_the_sum(value: float, vol: float, days: int) -> float:
    variance = sum((value * vol / 100) ** 2 for _ in range(days))
    return -float(norm.ppf(0.01, scale=math.sqrt(variance)))


@ROUTES.to("probability-after-downsampling")
def click_probability_that_is_seen_so(keep: float, output: float) -> float:
    return root(lambda p: p / (p + (1 - p) * keep) - output, 0, 1)


@ROUTES.to("psi-of-three-bins")
def both_divergences(low: float, middle: float) -> float:
    before, now = [0.5, 0.3, 0.2], [low / 100, middle / 100, 1 - low / 100 - middle / 100]
    return float(entropy(now, before) + entropy(before, now))


@ROUTES.to("score-under-another-prior")
def bayes_with_the_same_features(score: float, source: float, target: float) -> float:
    """Features with densities that give the score at the old place, weighed with the new shares."""
    negative = 0.01
    positive = negative * score / (1 - score) * (1 - source) / source
    return target * positive / (target * positive + (1 - target) * negative)


@ROUTES.to("share-at-which-it-pays")
def share_of_a_balanced_month(
    volume: int, token: float, handling: float, wrong: float, damage: float, fixed: float
) -> float:
    def gain(share: float) -> float:
        solved = share * volume
        return solved * handling - solved * wrong * damage - volume * token - fixed

    return root(gain, 0, 1)


@ROUTES.to("shapley-of-three")
def mean_over_all_orders(**values: float) -> float:
    worth = {frozenset(): 200.0} | {frozenset(name[1:]): value for name, value in values.items()}
    gains = []
    for order in itertools.permutations("abc"):
        before = frozenset(order[: order.index("a")])
        gains.append(worth[before | {"a"}] - worth[before])
    return statistics.fmean(gains)


@ROUTES.to("the-market-behind-the-average")
def accuracy_from_the_printed_headline(share: float, large: float, small: float) -> float:
    """The global accuracy is read as the prompt prints it."""
    headline = float(f"{((100 - share) * large + share * small) / 100:.6g}")
    return root(lambda accuracy: (100 - share) * large + share * accuracy - 100 * headline, 0, 100)


@ROUTES.to("threshold-from-costs")
def probability_of_equal_costs(scrap: float, escape: float) -> float:
    return root(lambda p: p * escape - (1 - p) * scrap, 0, 1)


@ROUTES.to("users-for-a-small-lift")
def users_for_a_power_of_80(base: float, lift: float) -> float:
    """The number at which the normal test finds the lift in 80% of the experiments."""
    other = base * (1 + lift)

    def power(thousands: float) -> float:
        error = math.sqrt((base * (1 - base) + other * (1 - other)) / (thousands * 1000))
        return float(norm.sf(1.96 - (other - base) / error))

    return root(lambda thousands: power(thousands) - 0.8, 0.1, 1e6)


@ROUTES.to("overlap-of-two-boxes")
def cells_in_both_over_cells_in_either(w: int, h: int, dx: int, dy: int, ex: int, ey: int) -> float:
    truth, prediction = np.zeros((2, 200, 200), dtype=bool)
    truth[20 : 20 + h, 10 : 10 + w] = True
    prediction[20 + dy : 20 + h + ey, 10 + dx : 10 + w + ex] = True
    return float((truth & prediction).sum() / (truth | prediction).sum())


@ROUTES.to("keys-that-move-with-one-more-node")
def keys_with_another_remainder(keys: float, nodes: int) -> float:
    """Over a whole period of both remainders."""
    period = nodes * (nodes + 1)
    return keys * sum(h % nodes != h % (nodes + 1) for h in range(period)) / period


@ROUTES.to("pages-that-meet-a-slow-call")
def some_call_is_slow(shards: int, slow: float) -> float:
    return 100 * float(binom.sf(0, shards, slow / 100))


@ROUTES.to("all-of-k-runs-succeed")
def groups_of_runs_that_all_ended_well(n: int, c: int, k: int) -> float:
    groups = list(itertools.combinations(range(n), k))
    return sum(max(group) < c for group in groups) / len(groups)


@ROUTES.to("pass-at-k-from-n-samples")
def some_of_k_draws_passes(n: int, c: int, k: int) -> float:
    return float(hypergeom.sf(0, n, c, k))


@ROUTES.to("no-success-in-n-attacks")
def clopper_pearson_bound(n: int, day: int) -> float:
    """The upper end of the exact two-sided 90% interval is the one-sided 95% bound."""
    return day * float(binomtest(0, n).proportion_ci(0.9, "exact").high)


@ROUTES.to("paired-difference-on-one-test-set")
def interval_of_item_differences(n: int, new: int, old: int) -> float:
    differences = [1] * new + [-1] * old + [0] * (n - new - old)
    return 196 * statistics.pstdev(differences) / math.sqrt(n)


@ROUTES.to("pass-rate-behind-a-noisy-judge")
def rate_that_is_judged_so(q: float, s: float, f: float) -> float:
    return root(lambda good: good * s / 100 + (100 - good) * f / 100 - q, 0, 100)


@ROUTES.to("recall-needed-for-the-target")
def recall_of_that_accuracy(have: float, lack: float, target: float) -> float:
    return root(lambda recall: recall * have / 100 + (100 - recall) * lack / 100 - target, 0, 100)


@ROUTES.to("tokens-to-detect-a-watermark")
def tokens_of_that_mean_score(gamma: float, excess: float, z: float) -> float:
    def score(tokens: float) -> float:
        return ((gamma + excess) * tokens - gamma * tokens) / math.sqrt(tokens * gamma * (1 - gamma))

    return root(lambda tokens: score(tokens) - z, 1e-3, 1e6)


@ROUTES.to("edge-of-a-neighborhood-in-d-dimensions")
def edge_of_a_cube_with_that_volume(dimensions: int, percent: float) -> float:
    return root(lambda edge: math.prod([edge] * dimensions) - percent / 100, 0, 1)


@ROUTES.to("effective-parameters-of-ridge")
def trace_of_the_hat_matrix(first: float, second: float, third: float, strength: float) -> float:
    source = np.random.default_rng(1)
    left, right = np.linalg.qr(source.normal(size=(20, 3)))[0], np.linalg.qr(source.normal(size=(3, 3)))[0]
    design = left @ np.diag([first, second, third]) @ right
    hat = design @ np.linalg.inv(design.T @ design + strength * np.eye(3)) @ design.T
    return float(np.trace(hat))


@ROUTES.to("gini-decrease-of-one-split")
def chance_that_two_rows_differ(pos: int, neg: int) -> float:
    """Gini's impurity is the chance that two rows, drawn with replacement, differ."""

    def differ(positives: int, negatives: int) -> Fraction:
        rows = [True] * positives + [False] * negatives
        return Fraction(sum(a != b for a in rows for b in rows), len(rows) ** 2)

    left, right = (pos, neg), (40 - pos, 40 - neg)
    return float(differ(40, 40) - sum(Fraction(sum(side), 80) * differ(*side) for side in (left, right)))


@ROUTES.to("one-coefficient-as-odds")
def logit_that_is_moved(coefficient: float, base: float, more: int) -> float:
    return float(expit(logit(base / 100) + coefficient * more))


@ROUTES.to("same-evidence-counted-several-times")
def updates_one_after_another(prior: float, ratio: float, copies: int) -> float:
    probability = prior / 100
    for _ in range(copies):
        probability = probability * ratio / (probability * ratio + 1 - probability)
    return probability


@ROUTES.to("share-of-the-first-component")
def largest_eigenvalue_of_the_covariance(first: float, second: float, correlation: float) -> float:
    shared = correlation * first * second
    values = np.linalg.eigvalsh([[first**2, shared], [shared, second**2]])
    return float(values[-1] / values.sum())


@ROUTES.to("revenue-after-joining-items-and-payments")
def sum_in_a_database(items: int, first: float, second: float) -> float:
    database = sqlite3.connect(":memory:")
    database.executescript("CREATE TABLE orders(id); CREATE TABLE items(order_id); INSERT INTO orders VALUES (17);")
    database.execute("CREATE TABLE payments(order_id, amount)")
    database.executemany("INSERT INTO items VALUES (?)", [(17,)] * items)
    database.executemany("INSERT INTO payments VALUES (17, ?)", [(first,), (second,)])
    query = (
        "SELECT o.id, SUM(p.amount) AS paid FROM orders o JOIN items i ON i.order_id = o.id "
        "JOIN payments p ON p.order_id = o.id GROUP BY o.id"
    )
    ((_, paid),) = database.execute(query)
    database.close()
    return float(paid)


@ROUTES.to("worth-of-repeated-tokens")
def worth_that_decays_with_each_pass(unique: float, epochs: int) -> float:
    repeated, _ = quad(lambda pass_: math.exp(-pass_ / 15.4), 0, epochs - 1)
    return unique * (1 + repeated)


@ROUTES.to("epochs-over-the-smallest-source")
def passes_until_the_budget_is_read(budget: float, weight: float, books: float) -> float:
    return root(lambda passes: passes * books / (weight / 100) - budget, 0, 1e6)
