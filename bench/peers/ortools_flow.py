"""Least travel by OR-tools' minimum cost flow, on the problem that the planner wrote: prints the seconds that solving
took on the processor (the median of the rounds; reading and building the graph not counted) and the value it found, in weighted minutes an hour.

Usage: ortools_flow.py PROBLEM.txt [ROUNDS]
"""
import sys
import time

import numpy as np
from ortools.graph.python import min_cost_flow

lines = open(sys.argv[1]).read().split("\n")
rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
head = lines[0].split()
sites, groups = int(head[1]), int(head[3])
rooms = [int(float(x)) for x in lines[1 : 1 + sites]]
tails, heads, caps, costs, supply = [], [], [], [], []
for group, line in enumerate(lines[1 + sites : 1 + sites + groups]):
    numbers = [int(float(x)) for x in line.split()]
    supply.append(numbers[0])
    for site, cost in zip(numbers[1::2], numbers[2::2]):
        tails.append(group)
        heads.append(groups + site)
        caps.append(numbers[0])
        costs.append(cost)
for site, room in enumerate(rooms):
    tails.append(groups + site)
    heads.append(groups + sites)
    caps.append(room)
    costs.append(0)
total = sum(supply)
times = []
for _ in range(rounds):
    flow = min_cost_flow.SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(np.array(tails), np.array(heads), np.array(caps), np.array(costs))
    flow.set_nodes_supplies(np.arange(groups + sites + 1), np.array(supply + [0] * sites + [-total]))
    begun = time.thread_time()
    status = flow.solve()
    took = time.thread_time() - begun
    if status != flow.OPTIMAL:
        sys.exit(f"no optimum: {status}")
    times.append(took)
print(sorted(times)[len(times) // 2], flow.optimal_cost() / 1e8)
