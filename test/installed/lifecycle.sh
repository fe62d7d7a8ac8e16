#!/bin/bash
# Runs within a booted Debian, as its administrator would: installs the package, breaks things, upgrades, removes. Says
# what it finds as lines of name=value in /srv/found; everything else goes to /srv/log.
exec 2>&1 >/srv/log
found() { echo "$1=$2" >>/srv/found; }
state() { systemctl is-active parlour; }
ask() { /usr/lib/parlour/bin/node -e 'fetch(process.argv[1]).then(async (a) => console.log(a.status, await a.text()), (e) => console.log(e.cause?.code))' "$1"; }
ready() { ask http://127.0.0.1:9464/readyz; }
quietly() { DEBIAN_FRONTEND=noninteractive "$@"; }

found node_before "$(command -v node || echo none)"
quietly dpkg --install /srv/parlour.deb
found installed "$(state)"
found version "$(parlour version | head -1)"

printf '[watch]\nport = 9464\n' >>/etc/parlour/parlour.toml
systemctl restart parlour
found ready_at_once "$(ready)"
found operator "$(parlour user make operator boss 'The Boss')"
found exposure "$(systemd-analyze security parlour --no-pager | grep -o 'exposure level.*: [0-9.]*' | grep -o '[0-9.]*$')"

# Media that is killed is back by itself; so is main.
kill -9 "$(cat /var/lib/parlour/media-webrtc.pid)"
for _ in $(seq 100); do sleep 0.1; case "$(ready)" in 200*) break ;; esac; done
found after_media_killed "$(ready)"
systemctl kill --signal=KILL --kill-whom=main parlour
for _ in $(seq 100); do sleep 0.1; case "$(ready)" in 200*) break ;; esac; done
found after_main_killed "$(ready)"

# Wrong settings are said, and not tried again.
cp /etc/parlour/parlour.toml /srv/good.toml
echo 'nonsense = 7' >>/etc/parlour/parlour.toml
systemctl restart parlour
found wrong_settings "$(systemctl show --property=ExecMainStatus --property=ActiveState --property=NRestarts parlour | tr '\n' ' ')"
cp /srv/good.toml /etc/parlour/parlour.toml
systemctl reset-failed parlour
systemctl start parlour
found right_settings "$(state)"

# Media that cannot start: the service never says that it is open.
systemctl stop parlour
chmod 000 /usr/lib/parlour/dist/server/media-webrtc.mjs
systemctl start --no-block parlour
sleep 5
found without_media "$(state)"
systemctl stop parlour
chmod 644 /usr/lib/parlour/dist/server/media-webrtc.mjs

# A backup of another machine, and everything of it is here.
echo 'a long passphrase' >/srv/passphrase
found restored "$(parlour restore /srv/backup.age --passphrase-file /srv/passphrase --replace | tr '\n' ' ')"
systemctl start parlour
found after_restore "$(ready)"
found verified "$(parlour ledger verify | tr '\n' ' ')"

quietly dpkg --install /srv/parlour.deb
found upgraded "$(state)"
found after_upgrade "$(ready)"
quietly dpkg --remove parlour
found removed "$(state)"
found data_after_remove "$(ls -d /var/lib/parlour/postgres)"
quietly dpkg --purge parlour
found left_after_purge "$(ls -d /var/lib/parlour /etc/parlour /usr/lib/parlour /usr/bin/parlour 2>/dev/null)"
systemctl poweroff
