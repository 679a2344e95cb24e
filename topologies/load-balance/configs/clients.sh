# Opens the service for clients 198.51.100.1 to .N, and writes down who was served by whom: `198.51.100.7 web2`.
for host in $(seq 1 "$1"); do
    test "$host" = 1 || echo next
    printf 'interface = 198.51.100.%s\nurl = http://203.0.113.80/\nsilent\nshow-error\nmax-time = 3\n' "$host"
done | curl -K - | sed 's/\(.*\); you are \(.*\); .*/\2 \1/'
