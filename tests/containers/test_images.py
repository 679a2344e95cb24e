"""Containers that a lab starts itself: topologies/images as its README says, what a container is made of, and that the lab ends all that it has started."""
import json
import re
import shutil

from engine import inspect
from readme import commands, type_command
from support import HAIRPIN, Lab, eventually, expect, leftovers, run

NAME = "images"


def ours(lab):
    return set(run("docker", "ps", "--all", "--filter", f"label=hairpin.lab={lab.name}", "--format", "{{.Names}}").stdout.split())


def name_of(lab, node):
    return f"clab-{lab.name}-{node}"


def with_file(lab, *replacements):
    file = lab.source / f"{lab.name}.clab.yml"
    text = file.read_text()
    for old, new in replacements:
        expect(old in text, f"the topology has no {old}")
        text = text.replace(old, new)
    file.write_text(text)


def up(lab, *options, ok=(0,)):
    return run(HAIRPIN, "lab", "up", *options, lab.source, ok=ok, timeout=120)


def nothing_left(lab):
    expect(not ours(lab) and not leftovers(), f"left: {ours(lab)}, {leftovers()}")


def lab_of_images(test):
    def run_it():
        lab = Lab(NAME)
        try:
            test(lab)
        finally:
            lab.stop_children()
            lab.down(ok=None)
            shutil.rmtree(lab.folder, ignore_errors=True)
    return run_it


@lab_of_images
def test_images_as_its_readme_says(lab):
    for command, wanted in commands(NAME):
        if command.startswith("docker-compose"):
            continue  # the run has built it
        if command.startswith("hairpin lab down"):
            print(lab.verify().stdout, end="")
            lab.check_conservation()
            lab.check_logs()
        type_command(lab, command, wanted)
    nothing_left(lab)


@lab_of_images
def test_images_are_run_as_the_file_says(lab):
    with_file(lab, ("memory: 256m", "memory: 256m\n      cpu: 0.5\n      user: \"7:8\"\n      hostname: desk\n      cap-add: [SYS_PTRACE]\n      restart-policy: \"no\"\n"
                                    "      sysctls: {net.ipv4.ip_forward: 1}\n      tmpfs: {/scratch: size=1m}\n      security-opts: [no-new-privileges]\n"
                                    "      devices: [/dev/net/tun]\n      shm-size: 1m"),
              ("cmd: sh -c", "entrypoint: /bin/sh -c\n      cmd: >-\n       "), ("exec sleep infinity'", "exec sleep 1000'"))
    up(lab, "--runtime", "docker")
    made = inspect(name_of(lab, "workstation"))
    host = made["HostConfig"]
    wanted = {"Memory": 256 << 20, "NanoCpus": 500_000_000, "CapAdd": ["SYS_PTRACE"], "NetworkMode": "none", "Sysctls": {"net.ipv4.ip_forward": "1"}, "ShmSize": 1 << 20,
              "Tmpfs": {"/scratch": "size=1m"}, "SecurityOpt": ["no-new-privileges"], "Privileged": False}
    expect({key: host[key] for key in wanted} == wanted, f"docker was asked for {host}")
    expect(host["Devices"][0]["PathOnHost"] == "/dev/net/tun" and host["RestartPolicy"]["Name"] == "no", f"docker was asked for {host}")
    config = made["Config"]
    expect((config["User"], config["Hostname"], config["Tty"]) == ("7:8", "desk", True), f"docker was asked for {config}")
    expect(config["Entrypoint"] == ["/bin/sh"] and config["Cmd"] == ["-c", 'echo "a shell, and a host" && exec sleep 1000'], f"docker was asked for {config}")
    expect("EDITOR=vi" in config["Env"] and config["Labels"]["hairpin.node"] == "workstation", f"docker was asked for {config}")
    said = run(HAIRPIN, "lab", "exec", lab.name, "workstation", "--", "id", "-u").stdout
    expect(said.strip() == "7", f"a command runs as {said}")


@lab_of_images
def test_images_that_change_begin_anew(lab):
    up(lab, "--runtime", "docker")
    began = {node: inspect(name_of(lab, node))["State"]["StartedAt"] for node in ("workstation", "webserver")}
    with_file(lab, ("memory: 256m", "memory: 128m"))
    planned = run(HAIRPIN, "lab", "up", "--dry-run", lab.source).stdout
    expect(re.search(r"container +workstation +begins anew +it is made of something else", planned) and "webserver" not in planned, planned)
    up(lab)
    now = {node: inspect(name_of(lab, node)) for node in began}
    expect(now["workstation"]["HostConfig"]["Memory"] == 128 << 20, "the change was not made")
    expect(now["webserver"]["State"]["StartedAt"] == began["webserver"], "the other container was started anew, too")
    lab.verify()
    # Who is another kind of host all at once wants the whole lab to begin anew, and is told so.
    refused = up(lab, "--runtime", "netns", ok=(1, 8))
    expect("was a container and is a host now" in refused.stderr, refused.stderr)
    # A node that goes, goes with its container.
    text = (lab.source / f"{lab.name}.clab.yml").read_text()
    text = re.sub(r"(?ms)^    workstation:.*?(?=^    webserver:)", "", text)
    text = re.sub(r"(?m)^.*\"workstation:eth1\".*\n", "", text)
    (lab.source / f"{lab.name}.clab.yml").write_text(text)
    up(lab)
    expect(ours(lab) == {name_of(lab, "webserver")}, f"there are {ours(lab)}")


@lab_of_images
def test_images_that_fail_leave_nothing(lab):
    with_file(lab, ("image: nginx:stable", "image: nowhere/nothing:1"), ("image-pull-policy: IfNotPresent", "image-pull-policy: Never"))
    failed = up(lab, "--runtime", "docker", ok=(1,))
    expect('node "webserver": docker run: ' in failed.stderr and "nowhere/nothing:1" in failed.stderr, failed.stderr)
    nothing_left(lab)
    with_file(lab, ("image: nowhere/nothing:1", "image: hairpin/toolbox:dev\n      cmd: sh -c 'echo no web today; exit 3'"))
    failed = up(lab, "--runtime", "docker", ok=(1,))
    expect('node "webserver"' in failed.stderr and "does not run" in failed.stderr and "no web today" in failed.stderr, failed.stderr)
    nothing_left(lab)


@lab_of_images
def test_images_are_found_when_all_else_is_lost(lab):
    up(lab, "--runtime", "docker")
    expect(len(ours(lab)) == 2, f"there are {ours(lab)}")
    stranger = run("docker", "run", "-d", "--network", "none", "--label", "hairpin.lab=another", "hairpin/toolbox:dev").stdout.strip()
    (lab.state / "state.json").unlink()
    lab.down()
    nothing_left(lab)
    expect(inspect(stranger)["State"]["Running"], "another lab's container has been ended")
    run("docker", "rm", "-f", stranger)
    # hairpind is killed: the lab comes up again, with its containers, and still knows that they are some.
    up(lab, "--runtime", "docker")
    pid = json.loads((lab.state / "state.json").read_text())["daemon"]["pid"]
    run("kill", "-9", str(pid))
    up(lab)
    eventually(lambda: "you are 192.168.255.1," in run(HAIRPIN, "lab", "exec", lab.name, "workstation", "--", "curl", "-s", "http://203.0.113.80/", ok=None).stdout,
               "the workstation does not reach the web server again", 20)
    lab.down()
    nothing_left(lab)
