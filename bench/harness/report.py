"""The result as a table for people and as one JSON line for programs, with the machine it was measured on."""
import json
import os
import platform
import statistics
import time
from pathlib import Path


QUIET = 0.2  # cores; a machine on which other programs take more is no place to measure


def machine():
    """`other_load`: cores that other programs keep busy just before the run. Much above 0, the figures are theirs too."""
    return {"cores": os.cpu_count(), "kernel": platform.release(), "cpu": _cpu_model(), "other_load": round(_busy_cores(0.5), 2)}


def as_json(result, machine_row):
    return json.dumps({
        "bench": result.bench.name,
        "ours": _side(result.ours),
        "theirs": _side(result.theirs),
        "unit": result.bench.unit,
        "ratio": round(result.ratio, 3),
        "seconds": result.seconds,
        "gateway_cpu": _gateway_cpu(result),
        "machine": machine_row,
    })


def as_text(result, machine_row):
    bench, sides = result.bench, (result.ours, result.theirs)
    lines = [f"{bench.name}: {bench.text}",
             f"{machine_row['cores']} cores, {machine_row['cpu']}, Linux {machine_row['kernel']}; other programs kept "
             f"{machine_row['other_load']} cores busy before the run", ""]
    lines.append(_row(bench.unit, *(side.title for side in sides)))
    for number, pair in enumerate(zip(result.ours.figures, result.theirs.figures), start=1):
        lines.append(_row(f"round {number}", *(f"{figure.value:.4g}" for figure in pair)))
    lines.append(_row("median", *(f"{side.median:.4g}" for side in sides)))
    for name in result.ours.figures[0].details:
        lines.append(_row(f"median {name}", *(f"{_median_detail(side, name):.4g}" for side in sides)))
    if any(side.busy_cores for side in sides):
        lines.append(_row("busy cores", *("-" if side.busy_cores is None else f"{side.busy_cores:.2f}" for side in sides)))
        lines.append(_row("per busy core", *("-" if side.busy_cores is None else f"{_per_core(side):.4g}" for side in sides)))
    division = f"{sides[0].title} / {sides[1].title}" if bench.more_is_better else f"{sides[1].title} / {sides[0].title}"
    if machine_row["other_load"] > QUIET:
        lines += ["", "The machine was busy with something else: repeat this when it is quiet before you believe it."]
    lines += ["", f"ratio {result.ratio:.2f} ({division}; above 1 Hairpin is better)"]
    return "\n".join(lines)


def _row(name, *cells):
    return f"{name:>14}" + "".join(f"{cell:>26}" for cell in cells)


def _gateway_cpu(result):
    """What a side moved per core that its gateway's process kept busy; null where no process of its own forwards."""
    if not any(side.busy_cores for side in (result.ours, result.theirs)):
        return None
    return {"ours": _per_core(result.ours), "theirs": _per_core(result.theirs), "unit": f"{result.bench.unit} per busy core"}


def _side(runs):
    row = {"name": runs.title, "median": round(runs.median, 3), "runs": [round(figure.value, 3) for figure in runs.figures]}
    for name in runs.figures[0].details:
        row[name] = {"median": round(_median_detail(runs, name), 3), "runs": [figure.details[name] for figure in runs.figures]}
    return row


def _median_detail(runs, name):
    return statistics.median(figure.details[name] for figure in runs.figures)


def _per_core(runs):
    return round(runs.median / runs.busy_cores, 3) if runs.busy_cores else None


def _cpu_model():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _busy_cores(seconds):
    def reading():
        fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
        return sum(fields) - fields[3] - fields[4]  # all but idle and waiting for a disk
    before = reading()
    time.sleep(seconds)
    return (reading() - before) / os.sysconf("SC_CLK_TCK") / seconds
