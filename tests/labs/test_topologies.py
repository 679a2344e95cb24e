"""Every topology shows what its lesson says: `hairpin lab verify` with the real tools."""
from support import Lab, TOPOLOGIES, expect, wants_machines

LESSONS = ("hairpin", "internet-snat", "port-forward", "two-lans", "dmz", "double-nat", "failing-link", "ftp", "hairpin-modes", "hole-punching",
           "load-balance", "one-to-one-nat", "overlapping-subnets", "three-lans", "two-sites", "vlan-trunk")


def verify(topology):
    def test():
        with Lab(topology) as lab:
            done = lab.verify()
            expect(done.stdout.strip(), "lab verify passed without a word, so it checked nothing")
            print(done.stdout, end="")
    return test


for _folder in sorted(path.name for path in TOPOLOGIES.iterdir() if (path / f"{path.name}.clab.yml").exists() and not wants_machines(path.name)):
    globals()[f"test_verify_{_folder}"] = verify(_folder)


def test_the_lessons_are_there():
    missing = [lesson for lesson in LESSONS if f"test_verify_{lesson}" not in globals()]
    expect(not missing, f"missing from topologies/: {missing}")
