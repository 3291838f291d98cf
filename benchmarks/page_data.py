"""A desk after years, made by SQL: a million visits a year to either side of now, open work, exceptions with findings.

Everything hangs together as digestion would leave it, except that no messages stand behind it; list pages read none.
"""

from benchmarks.history import Connection, settle
from benchmarks.sizes import Sizes

PATIENTS_PER_VISIT = 4  # visits of one patient
_PLACES = """
CREATE TEMP TABLE places AS
SELECT row_number() OVER (ORDER BY c.id) - 1 AS place, c.id AS clinic_id, c.source_id, k.code, c.name
FROM accounts_clinic c JOIN accounts_cliniccode k ON k.clinic_id = c.id
"""
_PATIENTS = """
INSERT INTO scheduling_patient (id, source_id, authority, mrn, family, given, born_on, sex, language, zone, died,
    publicity, protection, vip, portal, duplicate_of, guardian, phones_home, as_of)
SELECT n, p.source_id, 'HOSP', 'B' || n, (ARRAY['Quillfeather', 'Okonjo', 'Marsh', 'Ito', 'Nyberg'])[1 + n %% 5],
    (ARRAY['Ada', 'Milo', 'Ines', 'Joon', 'Petra', 'Tala', 'Viktor'])[1 + n %% 7],
    date '1940-01-01' + (n %% 25000)::int,
    CASE WHEN n %% 2 = 0 THEN 'F' ELSE 'M' END, 'en', '', false, '',
    CASE WHEN n %% 200 = 0 THEN 'Y' ELSE '' END, '', '', '', '',
    jsonb_build_array(jsonb_build_array('phone', 'mobile', '+1303555' || lpad((n %% 10000)::text, 4, '0'), 1,
    null)), '\\x00'
FROM generate_series(1, %(patients)s) AS n
JOIN places p ON p.place = n %% (SELECT count(*) FROM places)
"""
# Two years of visits in an order of their own, so that neighbours on the clock lie anywhere in the table.
_VISITS = """
INSERT INTO scheduling_appointment (id, source_id, namespace, external_id, occurrence, status, status_at, initiator,
    set_by, reason_flags, starts_at, minutes, clinic_id, clinic_code, room, resource, provider_code, provider_name,
    visit_type, visit_type_name, patient_id, booked_at, said_at, heard_at, order_key, events, troubles, resource_day)
SELECT v.n, p.source_id, 'SCHED', 'V' || v.n, '', v.status, v.said_at,
    CASE WHEN v.status IN ('cancelled', 'bumped') THEN 'patient' END, 'person', 0, v.starts_at, 20 + v.n %% 3 * 10,
    p.clinic_id, p.code, 'Room ' || v.n %% 6, p.code || '-' || v.n %% 8, 'PR' || v.n %% 8, 'Provider ' || v.n %% 8,
    'FUP20', 'Follow-up', 1 + v.n %% %(patients)s, v.said_at - interval '9 days', v.said_at,
    v.said_at + interval '40 seconds', int8send(v.n) || '\\x00', 1,
    CASE WHEN v.n %% %(in_trouble)s = 0 THEN jsonb_build_array(jsonb_build_array('unmapped_status', 'ZZ9',
        (extract(epoch FROM v.said_at) * 1000000)::int8)) END,
    hashint8extended(v.n %% 8 + p.place * 8 + 1000 * (v.starts_at::date - date '2020-01-01'), 1)
FROM (
    SELECT n, starts_at, least(%(now)s, starts_at) - interval '3 days' AS said_at,
        CASE WHEN starts_at > %(now)s THEN (ARRAY['booked', 'booked', 'confirmed', 'cancelled'])[1 + n %% 4]
             ELSE (ARRAY['completed', 'completed', 'completed', 'missed', 'cancelled'])[1 + n %% 5] END AS status
    FROM (
        SELECT n, date_trunc('minute', %(now)s - interval '1 year'
            + (hashint8extended(n, 7) & 1048575) * interval '1 minute') AS starts_at
        FROM generate_series(1, %(visits)s) AS n
    ) AS spread
) AS v
JOIN places p ON p.place = v.n %% (SELECT count(*) FROM places)
"""
# Open chances lie in the next two weeks, closed ones in the past year; one in three is a freed slot.
_ITEMS = """
INSERT INTO recovery_queueitem (family, subject, source_id, clinic_id, appointment_id, patient_id, resource,
    resource_day, starts_at, minutes, visit_type, cause, initiator, set_by, lost_at, heard_at, ready_from, useful_until,
    value, reach, risk, weight, reasons, level, state, opened_at, closed_at, close_reason, version)
SELECT CASE WHEN n %% 3 = 0 THEN 'refill' ELSE 'rebook_missed' END, 'bench ' || n, a.source_id, a.clinic_id, a.id,
    CASE WHEN n %% 3 = 0 THEN NULL ELSE a.patient_id END, a.resource,
    CASE WHEN n %% 3 = 0 THEN a.resource_day END, m.until, a.minutes, a.visit_type,
    CASE WHEN n %% 3 = 0 THEN 'cancelled' ELSE 'missed' END, 'patient', 'person', m.lost, m.lost, m.lost, m.until,
    1 + n %% 3, 1 + n %% 4, 1 + n %% 2, (1 + n %% 3) * (1 + n %% 4) * (1 + n %% 2), '[]', 0,
    CASE WHEN n <= %(items)s THEN 'open' ELSE 'closed' END, m.lost,
    CASE WHEN n > %(items)s THEN m.until END, CASE WHEN n > %(items)s THEN 'expired' END, 1
FROM generate_series(1, %(items)s * 4) AS n
JOIN scheduling_appointment a ON a.id = 1 + n %% %(visits)s
CROSS JOIN LATERAL (
    SELECT %(now)s - (n %% 20000 + 5) * interval '1 minute' AS lost,
        %(now)s + CASE WHEN n <= %(items)s THEN (n %% 20000 + 5) ELSE -(n %% 400000 + 5) END * interval '1 minute'
            AS until
) AS m
"""
_EXCEPTIONS = """
INSERT INTO exceptions_integrationexception (id, fingerprint, check_id, source_id, feed_id, clinic_id, raw, severity,
    state, version, opened_at, resolved_at, occurred_first, occurred_last, live_count, occurrences, first_samples,
    last_samples, owner_team_id, next_step_no, spell_no)
SELECT n, decode(md5(n::text), 'hex'),
    (ARRAY['unmapped_status', 'ambiguous_status', 'conflicting_status', 'impossible_transition', 'missing_patient'])
        [1 + n / 5 %% 5],
    p.source_id, f.id, p.clinic_id, 'Z' || n, 1 + n %% 3, CASE WHEN n %% 5 = 0 THEN 'open' ELSE 'resolved' END, 1,
    %(now)s - n * interval '1 minute', CASE WHEN n %% 5 = 0 THEN NULL ELSE %(now)s END,
    %(now)s - n * interval '1 minute', %(now)s - n %% 1000 * interval '1 minute',
    CASE WHEN n %% 5 = 0 THEN %(findings)s ELSE 0 END, 100 + n, '{}', '{}', f.owner_team_id, 0, 1
FROM generate_series(1, %(exceptions)s) AS n
JOIN places p ON p.place = n %% (SELECT count(*) FROM places)
JOIN scheduling_feed f ON f.source_id = p.source_id
"""
# The fold's troubles hold visits in trouble; a field may be missing from any.
_FINDINGS = """
INSERT INTO exceptions_membership (exception_id, subject_kind, subject_id, decision, since)
SELECT e.id, 1, CASE WHEN e.check_id = 'missing_patient' THEN 1 + (e.id * 997 + k * 7919) %% %(visits)s
    ELSE %(in_trouble)s * (1 + (e.id * 997 + k * 7919) %% (%(visits)s / %(in_trouble)s)) END, '', e.occurred_last
FROM exceptions_integrationexception e CROSS JOIN generate_series(1, %(findings)s) AS k WHERE e.state = 'open'
ON CONFLICT DO NOTHING
"""
_HOURS = """
INSERT INTO exceptions_hourlycount (exception_id, hour, count)
SELECT e.id, date_trunc('hour', %(now)s) - h * interval '1 hour', 1 + (e.id + h) %% 9
FROM exceptions_integrationexception e CROSS JOIN generate_series(0, 47) AS h WHERE e.state = 'open'
"""
_PROOFS = """
INSERT INTO scheduling_feedproof (feed_id, digested_to, heartbeat_at, newest_content_at)
SELECT id, %(now)s, %(now)s, %(now)s FROM scheduling_feed ON CONFLICT DO NOTHING
"""
_LIVE = """
UPDATE exceptions_integrationexception e SET live_count = m.live
FROM (SELECT exception_id, count(*) AS live FROM exceptions_membership GROUP BY 1) AS m WHERE m.exception_id = e.id
"""
FINDINGS = 100  # a live exception
IN_TROUBLE = 25  # one visit in so many


def build(connection: Connection, sizes: Sizes, now: object) -> None:
    """Fill a database that holds the organisation; ``now`` (UTC) is the moment the desk stands at."""
    connection.execute("SET synchronous_commit = off")
    connection.execute(_PLACES)
    values = {
        "now": now,
        "visits": sizes.appointments,
        "patients": max(1, sizes.appointments // PATIENTS_PER_VISIT),
        "items": sizes.open_items,
        "exceptions": sizes.exceptions,
        "findings": FINDINGS,
        "in_trouble": IN_TROUBLE,
    }
    for statement in (_PATIENTS, _VISITS, _ITEMS, _EXCEPTIONS, _FINDINGS, _LIVE, _HOURS, _PROOFS):
        named = {name: value for name, value in values.items() if f"%({name})s" in statement}
        connection.execute(statement if named else statement.replace("%%", "%"), named or None)
    settle(connection)
