#!/usr/bin/env bash
# Makes build/scanward_VERSION_ARCHITECTURE.deb of a built program.
#
#   tools/deb/build.sh PROGRAM [COMPRESSION...]       as of dpkg-deb: -Zxz (the default); -Zgzip -z1 for a quick one
#
# The Swift runtime that PROGRAM was linked with goes beside it, into /usr/lib/scanward: the target has no Swift. All else is Debian's,
# and what of it is needed dpkg-shlibdeps finds out.
set -euo pipefail
program=$(realpath "$1")
compression=("${@:2}")
cd "$(dirname "$0")/../.."
export LC_ALL=C
# The same package from the same inputs.
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(dpkg-parsechangelog -l tools/deb/changelog -S Timestamp)}

fail() { echo "tools/deb/build.sh: $*" >&2; exit 1; }

version=$("$program" --version)
logged=$(dpkg-parsechangelog -l tools/deb/changelog -S Version)
[[ $version == "$logged" ]] || fail "expected an entry for $version, the program's version, at the top of tools/deb/changelog; found $logged"
architecture=$(dpkg --print-architecture)
maintainer=$(dpkg-parsechangelog -l tools/deb/changelog -S Maintainer)

work=build/deb
root=$work/root
rm -rf $work
mkdir -p $root/DEBIAN $work/debian

# The program, and beside it what of Swift it needs.
library=$root/usr/lib/scanward
install -D -m 0755 "$program" $library/scanward
swift=$(ldd "$program" | awk '$3 ~ "/swift/" {print $3}')
[[ -z $swift ]] || install -m 0644 $swift $library
strip --strip-unneeded $library/*
[[ -z $swift ]] || chrpath -r '$ORIGIN' $library/scanward >/dev/null
! grep -l "not found" <(ldd $library/scanward) >/dev/null || fail "$library/scanward lacks libraries: $(ldd $library/scanward | grep 'not found')"
! ldd $library/scanward | grep "$(dirname "$(command -v swift || echo /nowhere/bin/swift)")/.." >/dev/null || fail "the packaged program still uses the toolchain's libraries"
mkdir -p $root/usr/bin
ln -s ../lib/scanward/scanward $root/usr/bin/scanward

# Units, configuration, weights.
for unit in systemd/*.service; do install -D -m 0644 "$unit" "$root/usr/lib/systemd/system/$(basename "$unit")"; done
# What the service writes, and its models, are in its state folder; the examples name no other place.
install -d $root/etc/scanward
sed -e 's|^base_folder: .*|base_folder: /var/lib/scanward|' -e 's|config/scanward.yaml|/etc/scanward/scanward.yaml|' \
  -e 's|# curve_secret_file: .*|# curve_secret_file: /etc/scanward/keys/monitor.key|' -e 's|# allow_list_file: .*|# allow_list_file: /etc/scanward/allowed|' \
  config/scanward.yaml >$root/etc/scanward/scanward.yaml
grep -q '^base_folder: /var/lib/scanward$' $root/etc/scanward/scanward.yaml || fail "config/scanward.yaml: expected a line base_folder, which the package sets"
install -d -m 0700 $root/etc/scanward/keys
# Scans to try it with, as the README does.
for scans in train test; do
  install -d $root/usr/share/scanward/examples/mug/$scans
  install -m 0644 fixtures/parts/mug/$scans/*.pcd $root/usr/share/scanward/examples/mug/$scans
done
for weights in fixtures/backbone/*.safetensors; do install -D -m 0644 "$weights" "$root/usr/share/scanward/$(basename "$weights")"; done

# What a person reads. Pages and completions are what the packaged program says of itself, at the place where it will be.
documents=$root/usr/share/doc/scanward
install -d $documents
# As they lie in the repository, so that what a page names is there.
cp -r --parents README.md docs fixtures/README.md config/scanward.yaml config/prometheus config/grafana tools/publish.py tools/sandbox.py \
  tools/validate.py $documents/
find $documents -name '__pycache__' -prune -exec rm -rf {} +
install -m 0644 tools/deb/copyright $documents/copyright
gzip -9n <tools/deb/changelog >$documents/changelog.gz
here=$PWD/$root
if [[ -f tools/manual.py ]]; then
  python3 tools/manual.py $library/scanward $work/man >/dev/null
  tools/completions.sh $library/scanward $work/completions >/dev/null
  install -d $root/usr/share/man/man1
  for page in $work/man/*.1; do
    sed -e "s|$here||g" -e "s|${here//-/\\\\-}||g" "$page" | gzip -9n >"$root/usr/share/man/man1/$(basename "$page").gz"
  done
  sed -i -e "s|$here||g" -e '1{/^#!/d}' $work/completions/*
  install -D -m 0644 $work/completions/scanward.bash $root/usr/share/bash-completion/completions/scanward
  install -D -m 0644 $work/completions/_scanward $root/usr/share/zsh/vendor-completions/_scanward
  install -D -m 0644 $work/completions/scanward.fish $root/usr/share/fish/vendor_completions.d/scanward.fish
fi
install -D -m 0644 tools/deb/lintian-overrides $root/usr/share/lintian/overrides/scanward

# Control. dpkg-shlibdeps wants to stand in a source package.
printf 'Source: scanward\n\nPackage: scanward\nArchitecture: any\n' >$work/debian/control
depends=$(cd $work && dpkg-shlibdeps -O -lroot/usr/lib/scanward $(find root/usr/lib/scanward -type f -printf '-e%p ') 2>"shlibdeps.log" | sed -n 's/^shlibs:Depends=//p') ||
  fail "dpkg-shlibdeps: $(cat $work/shlibdeps.log)"
sed -e "s|@VERSION@|$version|; s|@ARCHITECTURE@|$architecture|; s|@MAINTAINER@|$maintainer|; s|@DEPENDS@|$depends|" \
  -e "s|@SIZE@|$(du -sk --apparent-size --exclude DEBIAN $root | cut -f 1)|" tools/deb/control.in >$root/DEBIAN/control
echo /etc/scanward/scanward.yaml >$root/DEBIAN/conffiles
install -m 0755 tools/deb/postinst tools/deb/prerm tools/deb/postrm $root/DEBIAN/
(cd $root && find usr -type f -print0 | sort -z | xargs -0 md5sum) >$root/DEBIAN/md5sums
chmod -R u+rwX,go+rX,go-w $root
chmod 0700 $root/etc/scanward/keys

package=build/scanward_${version}_${architecture}.deb
dpkg-deb --root-owner-group "${compression[@]:--Zxz}" --build $root "$package" >/dev/null
echo "$package"
