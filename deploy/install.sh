#!/bin/sh
# Installs stagewatch where there is no package of it: program, manual pages, completions, units, and an empty configuration that is
# never overwritten. Needs a built program (`cargo build --release`) and, for the service, systemd 250 or newer.
#
#   deploy/install.sh [--prefix /usr/local] [--destdir FOLDER] [--no-start]
#   deploy/install.sh --uninstall [--prefix /usr/local]        keeps configuration and state
set -eu
cd "$(dirname "$0")/.."
prefix=/usr/local destdir="" start=yes uninstall=no
while [ $# -gt 0 ]; do
    case "$1" in
        --prefix) prefix=$2; shift 2 ;;
        --destdir) destdir=$2; shift 2 ;;
        --no-start) start=no; shift ;;
        --uninstall) uninstall=yes; shift ;;
        *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 2 ;;
    esac
done
[ -z "$destdir" ] || start=no
[ -d /run/systemd/system ] || start=no
program=${STAGEWATCH_PROGRAM:-target/release/stagewatch}
bin=$destdir$prefix/bin share=$destdir$prefix/share units=$destdir/etc/systemd/system etc=$destdir/etc/stagewatch

if [ "$uninstall" = yes ]; then
    if [ "$start" = yes ]; then
        systemctl disable --now stagewatch.service stagewatch.socket stagewatch-once.timer stagewatch-backup.timer >/dev/null 2>&1 || true
    fi
    rm -f "$bin/stagewatch" "$share"/man/man1/stagewatch.1 "$share"/man/man1/stagewatch-*.1 \
        "$share/bash-completion/completions/stagewatch" "$share/zsh/site-functions/_stagewatch" \
        "$share/fish/vendor_completions.d/stagewatch.fish" "$destdir/usr/lib/systemd/catalog/stagewatch.catalog" \
        "$units/stagewatch.service" "$units/stagewatch.socket" "$units/stagewatch-once.service" "$units/stagewatch-once.timer" \
        "$units/stagewatch-backup.service" "$units/stagewatch-backup.timer"
    rm -rf "$share/stagewatch"
    if [ "$start" = yes ]; then systemctl daemon-reload; fi
    echo "stagewatch is gone; /etc/stagewatch and /var/lib/stagewatch are kept"
    exit 0
fi

[ -x "$program" ] || { echo "install.sh: no $program: run \`cargo build --release\` first" >&2; exit 1; }
install -d "$bin" "$share/man/man1" "$share/stagewatch/sources" "$share/stagewatch/watches" "$share/stagewatch/drop-ins" \
    "$share/bash-completion/completions" "$share/zsh/site-functions" "$share/fish/vendor_completions.d" "$units" \
    "$destdir/usr/lib/systemd/catalog" "$etc/sources" "$etc/watches" "$etc/subscribers"
install -d -m 0700 "$etc/secrets"
install -m 0755 "$program" "$bin/stagewatch"
"$program" man --folder "$share/man/man1"
"$program" completions bash > "$share/bash-completion/completions/stagewatch"
"$program" completions zsh > "$share/zsh/site-functions/_stagewatch"
"$program" completions fish > "$share/fish/vendor_completions.d/stagewatch.fish"
install -m 0644 config/stagewatch.toml "$share/stagewatch/stagewatch.toml"
install -m 0644 config/sources/*.toml "$share/stagewatch/sources/"
install -m 0644 config/watches/*.toml "$share/stagewatch/watches/"
deploy/defaults "$share/stagewatch"
install -m 0644 deploy/drop-ins/*.conf "$share/stagewatch/drop-ins/"
install -m 0644 deploy/stagewatch.catalog "$destdir/usr/lib/systemd/catalog/stagewatch.catalog"
for unit in stagewatch.service stagewatch.socket stagewatch-once.service stagewatch-once.timer stagewatch-backup.service \
    stagewatch-backup.timer; do
    sed "s#/usr/bin/stagewatch#$prefix/bin/stagewatch#; s#/usr/share/stagewatch#$prefix/share/stagewatch#" "deploy/$unit" > "$units/$unit"
done
if [ ! -e "$etc/stagewatch.toml" ]; then
    sed "s#/usr/share/#$prefix/share/#; s#share/doc/stagewatch/stagewatch.toml#share/stagewatch/stagewatch.toml#" \
        deploy/stagewatch.toml > "$etc/stagewatch.toml"
fi
if [ "$start" = yes ]; then
    journalctl --update-catalog >/dev/null 2>&1 || true
    systemctl daemon-reload
    systemctl enable stagewatch.service
    systemctl restart stagewatch.service
    "$bin/stagewatch" check --config /etc/stagewatch/stagewatch.toml
    echo "stagewatch is running and watches nothing yet; $etc/stagewatch.toml says what is next"
fi
