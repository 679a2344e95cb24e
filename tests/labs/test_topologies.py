"""Every topology shows what its lesson says: `hairpin lab verify` with the real tools."""
from support import Lab, TOPOLOGIES, expect

LESSONS = ("hairpin", "internet-snat", "port-forward", "two-lans", "dmz")


def verify(topology):
    def test():
        with Lab(topology) as lab:
            done = lab.verify()
            expect(done.stdout.strip(), "lab verify passed without a word, so it checked nothing")
            print(done.stdout, end="")
    return test


def wants_machines(topology):
    """Whether it has virtual machines, which tests/vms runs."""
    return "generic_vm" in (TOPOLOGIES / topology / f"{topology}.clab.yml").read_text()


for _folder in sorted(path.name for path in TOPOLOGIES.iterdir() if (path / f"{path.name}.clab.yml").exists() and not wants_machines(path.name)):
    globals()[f"test_verify_{_folder}"] = verify(_folder)


def test_the_five_lessons_are_there():
    missing = [lesson for lesson in LESSONS if f"test_verify_{lesson}" not in globals()]
    expect(not missing, f"missing from topologies/: {missing}")
