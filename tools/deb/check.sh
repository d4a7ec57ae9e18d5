#!/usr/bin/env bash
# Installs a package, uses it, upgrades it and purges it, in an overlay of this machine's root that is thrown away: nothing of this machine
# is changed. There the Swift toolchain and the repository are hidden. Needs root, or the right to make user namespaces.
#
#   tools/deb/check.sh build/scanward_VERSION_ARCHITECTURE.deb [MODEL]
#
# Without a MODEL of the mug it teaches one there, which takes a minute.
set -euo pipefail
if [[ ${1:-} != --inside ]]; then
  package=$(realpath "$1")
  as_root=()
  [[ $EUID -eq 0 ]] || as_root=(--map-root-user)
  exec unshare "${as_root[@]}" --mount --net --pid --fork --propagation private "$(realpath "$0")" --inside "$package" "${@:2}"
fi
package=$2 model=${3:-}
repository=$(realpath "$(dirname "$0")/../..")
fail() { echo "tools/deb/check.sh: $*" >&2; exit 1; }

place=$(mktemp -d)
trap 'umount -R "$place" 2>/dev/null || true; rmdir "$place" 2>/dev/null || true' EXIT
mount -t tmpfs -o mode=0755 tmpfs "$place"
upper=$place/upper root=$place/root
mkdir "$upper" "$place/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$upper,workdir=$place/work" "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
# What the target has not got.
swift=$(command -v swift || true)
[[ -z $swift ]] || mount -t tmpfs tmpfs "$root$(realpath "$(dirname "$swift")/../..")"
mount -t tmpfs tmpfs "$root$repository"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
cp "$package" "$root/tmp/scanward.deb"
mkdir -p "$root/tmp/mug" "$root/tmp/models"
[[ -z $model ]] || cp -r "$model" "$root/tmp/models/mug"
cp "$repository"/fixtures/parts/mug/train/*.pcd "$root/tmp/mug"
cp "$repository"/fixtures/parts/mug/test/mug_0[1-2].pcd "$root/tmp"
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/tmp DEBIAN_FRONTEND=noninteractive "$@"; }
step() { echo "$*"; }
# A network of its own: the ports of the documentation are free.
ip link set lo up

step "installs"
inside dpkg -i /tmp/scanward.deb >"$place/log" 2>&1 || fail "cannot be installed: $(cat "$place/log")"
version=$(dpkg-deb -f "$package" Version)
said=$(inside scanward --version)
[[ $said == "$version" ]] || fail "expected --version $version, found $said"
[[ $(stat -c '%a %U' "$root/etc/scanward/keys") == "700 root" ]] || fail "/etc/scanward/keys is not root's alone"
# A link into the root that is being tried: -e would look for its end on this machine.
wanted=$root/etc/systemd/system/multi-user.target.wants/scanward.service
[[ ! -L $wanted ]] || fail "the service was enabled by itself"
inside dpkg -i /tmp/scanward.deb >"$place/log" 2>&1 || fail "cannot be installed twice: $(cat "$place/log")"
[[ ! -L $wanted ]] || fail "the service was enabled by an upgrade"
! inside ldd /usr/lib/scanward/scanward | grep -E "not found|$(dirname "${swift:-/nowhere/x}")" || fail "libraries that the target has not got"

step "checks its configuration and its units"
inside scanward config check /etc/scanward/scanward.yaml || fail "the configuration that ships is refused"
# Packed in any case; where a machine leaves pages and completions out of what it installs, that is its own choice.
dpkg-deb --contents "$root/tmp/scanward.deb" >"$place/contents"
for path in share/man/man1/scanward.1.gz share/bash-completion/completions/scanward share/zsh/vendor-completions/_scanward \
  share/fish/vendor_completions.d/scanward.fish; do
  grep -q " ./usr/$path$" "$place/contents" || fail "the package has no /usr/$path"
done
manual=yes
[[ -e $root/usr/share/man/man1/scanward.1.gz ]] || manual=no
inside systemd-analyze verify --man=$manual scanward.service scanward@line1.service || fail "systemd-analyze verify: see above"

step "judges parts"
# Without --backbone: the weights that ship are found.
inside scanward teach --help | tr -d ' \n' | grep -q "default:/usr/share/scanward/small.safetensors" || fail "teach does not find the weights that ship"
[[ -n $model ]] || inside scanward teach --type mug --out /tmp/models/mug --steps 0 --detection-trials 0 /tmp/mug >"$place/log" 2>&1 ||
  fail "cannot teach: $(cat "$place/log")"
for part in mug_01 mug_02; do
  status=0
  inside scanward score "/tmp/$part.pcd" --model /tmp/models/mug --json >"$place/verdict" 2>"$place/log" || status=$?
  [[ $status == 0 || $status == 2 ]] && grep -q '"schema":"verdict/1"' "$place/verdict" || fail "$part has no verdict ($status): $(cat "$place/log")"
done

step "has whole pages"
python3 - "$root/usr/share/doc/scanward" <<'PYTHON' || fail "pages lead to what is not there: see above"
import re, sys
from pathlib import Path

dead = 0
for page in Path(sys.argv[1]).rglob("*.md"):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" not in target and not (page.parent / target).exists():
            print(f"{page}: {target}")
            dead += 1
sys.exit(dead > 0)
PYTHON

for page in $(grep -hoE 'file:///[^ ]+' "$root"/usr/lib/systemd/system/scanward*.service); do
  [[ -e $root${page#file://} ]] || fail "a unit names $page, which is not there"
done

step "examines itself"
inside scanward doctor --config /etc/scanward/scanward.yaml --model /tmp/models --state /tmp/state --listen 0 >"$place/log" 2>&1 ||
  fail "doctor: $(cat "$place/log")"
grep -q "ok *self-test" "$place/log" || fail "doctor made no self-test: $(cat "$place/log")"

step "says to others what is closed to them"
for command in "why part-17" "reload" "models list" "doctor --no-self-test --listen 0"; do
  inside setpriv --reuid=64001 --regid=64001 --clear-groups scanward $command >"$place/log" 2>&1 && fail "$command: expected a refusal"
  grep -q "/var/lib/private, on the way to /var/lib/scanward/[a-z]*, is closed to this user (uid 64001)" "$place/log" ||
    fail "$command: expected to read what is closed, found: $(cat "$place/log")"
done

step "runs as a user of its own, with keys that are root's"
# What systemd does for the unit: a user, a state folder of its own, the secret as a credential.
user=64000 line=/tmp/line
inside scanward keys generate /etc/scanward/keys/monitor.key >/dev/null
inside scanward keys generate /tmp/scanner.key >/dev/null
inside scanward keys allow scanner /tmp/scanner.key --allow-list /etc/scanward/allowed >/dev/null
install -d -o $user -g $user "$root$line" "$root$line/models"
install -D -o $user -m 0400 "$root/etc/scanward/keys/monitor.key" "$root/run/credentials/keys_monitor.key"
inside /bin/sh -c "umask 077; exec scanward models promote /tmp/models/mug --models $line/models" >/dev/null
inside setpriv --reuid=$user --regid=$user --clear-groups --no-new-privs env CREDENTIALS_DIRECTORY=/run/credentials \
  scanward run --config /etc/scanward/scanward.yaml --model $line/models --state $line/state --bind "ipc://$line/in" \
  --publish none --replay none --curve-secret /etc/scanward/keys/monitor.key --allow-list /etc/scanward/allowed \
  --until-parts 1 --json >"$place/verdict" 2>"$place/log" &
monitor=$!
inside timeout 120 scanward fake-scanner /usr/share/scanward/examples/mug/test/mug_01.pcd --to "ipc://$line/in" --part-type mug \
  --topspeed --curve-secret /tmp/scanner.key --server-key /etc/scanward/keys/monitor.key >"$place/scanner" 2>&1 ||
  { kill $monitor || true; fail "fake-scanner: $(cat "$place/scanner" "$place/log")"; }
wait $monitor || fail "run ended with $?: $(cat "$place/log")"
grep -q '"schema":"verdict/1"' "$place/verdict" || fail "the monitor judged nothing: $(cat "$place/log")"
grep -q '"score":' "$place/verdict" || fail "the part was not scored: $(cat "$place/verdict")"

step "upgrades, and keeps what was edited"
inside systemctl enable scanward.service scanward@line1.service 2>/dev/null || fail "cannot be enabled"
echo "# edited" >>"$root/etc/scanward/scanward.yaml"
echo "secret" >"$root/etc/scanward/keys/monitor.key"
mkdir -p "$root/var/lib/scanward/state"
inside dpkg -i /tmp/scanward.deb >"$place/log" 2>&1 || fail "cannot be upgraded: $(cat "$place/log")"
grep -q "# edited" "$root/etc/scanward/scanward.yaml" || fail "the edited configuration was written over"
[[ -L $wanted ]] || fail "an upgrade disabled the service"

step "is removed, and keeps configuration, keys and journal"
inside dpkg --remove scanward >"$place/log" 2>&1 || fail "cannot be removed: $(cat "$place/log")"
for kept in etc/scanward/scanward.yaml etc/scanward/keys/monitor.key var/lib/private/scanward/state; do
  [[ -e $root/$kept ]] || fail "remove took /$kept"
done
[[ ! -e $root/usr/lib/scanward && ! -L $root/usr/bin/scanward ]] || fail "remove left the program"

step "is purged, and leaves nothing"
inside dpkg --purge scanward >"$place/log" 2>&1 || fail "cannot be purged: $(cat "$place/log")"
grep -q "warning" "$place/log" && fail "purge warns: $(cat "$place/log")"
# What differs from before: files and links (a 0:0 device says that one is gone), and folders that were not there.
left=$(cd "$upper" && find . \( -type f -o -type l \) -print | sed 's|^\.||' |
  grep -v -E '^/(var/lib/dpkg|var/log/(dpkg|alternatives)\.log|var/cache/(man|ldconfig|fontconfig)|etc/ld\.so\.cache)' || true)
left+=$(cd "$upper" && find . -mindepth 1 -type d -print | sed 's|^\.||' | while read -r folder; do
  # The place of all services that have a user of their own is systemd's.
  [[ -d $folder || $folder == /var/lib/private ]] || echo "$folder"
done)
[[ -z $left ]] || fail "purge left: $left"
gone=$(cd "$upper" && find . -type c | sed 's|^\.||' | grep -v '^/var/lib/dpkg' || true)
[[ -z $gone ]] || fail "purge took what was not its own: $gone"
echo "package $version: installed, used, upgraded, removed, purged"
