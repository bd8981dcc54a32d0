"""A database as it is after some months with 10,000 groups, made in a minute or two.

Everything is written by the database itself, from series of numbers, in the order in which it
would have come about; what is said of each is plausible and no more.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.schema import CreateIndex, DropIndex

from config.daily import ZONE
from models.cohort import MONTHS, BirthWindow, shift_months
from models.tables import MONTHLY, Base

GROUPS, SEATS = 10_000, 200
GROUP = "R:{n}@chatroom"
CITIES = (
    "杭州",
    "宁波",
    "嘉兴",
    "湖州",
    "绍兴",
    "金华",
    "温州",
    "台州",
    "南京",
    "苏州",
    "合肥",
    "上海",
)
CHANNELS = ("妇幼", "市一医院", "母婴店", "社区", "早教", "月子中心", "小红书", "抖音")
WINDOWS = 9

NAMES = """
    CREATE FUNCTION pg_temp.mother(bigint) RETURNS text LANGUAGE sql IMMUTABLE
        AS $$ SELECT 'wxid_' || md5(($1 * 7919 % 1700000)::text) $$
"""
ROOM_OF = """
    CREATE FUNCTION pg_temp.room(bigint) RETURNS int LANGUAGE sql IMMUTABLE
        AS $$ SELECT (1 + $1 * 7919 % {groups})::int $$
"""
ROOMS = """
    CREATE TEMP TABLE room AS
    SELECT n, 'R:' || n || '@chatroom' AS id, 'wx' || n % 20 AS account,
        (CAST(:cities AS text[]))[1 + n % 12] AS city,
        (CAST(:channels AS text[]))[1 + n / 12 % 8] AS channel,
        (CAST(:windows AS text[]))[1 + n / 96 % 9] AS birth_window,
        CAST(:now AS timestamptz) - (1 + n * 7919 % 240) * interval '1 day' AS since,
        n % 100 < 97 AS ours
    FROM generate_series(1, :groups) AS n
"""
STATEMENTS: Mapping[str, str] = {
    "chat_group": """
        INSERT INTO chat_group (id, account, name, standing, city, channel, birth_window,
            opened_on, checked_at, doubted, paused_at, members)
        SELECT id, account, concat_ws('·', city, birth_window, channel, lpad(n::text, 5, '0')),
            CASE WHEN ours THEN 'ours' WHEN n % 100 = 97 THEN 'released' ELSE 'listed' END,
            city, channel, birth_window, since::date, :now, NULL,
            CASE WHEN n % 50 = 0 THEN CAST(:now AS timestamptz) - interval '1 day' END,
            60 + n * 31 % 140
        FROM room
    """,
    "life": """
        INSERT INTO life (group_id, since, opened_on, look_at, formed_at, full_at, looked_on,
            active, active_of)
        SELECT id, since, since::date, CAST(:now AS timestamptz) + interval '1 day',
            since + interval '9 days', NULL, CAST(:now AS timestamptz)::date, 5 + n % 60, 150
        FROM room WHERE ours
    """,
    "desk": """
        INSERT INTO desk (group_id, rounds, greeting, hurried, notices, reminding)
        SELECT id, 12, false, false, 3, false FROM room WHERE ours
    """,
    "account": """
        INSERT INTO account (id, person, up_at, heard_at, down_why, abilities)
        SELECT 'wx' || n, 'bot' || n, CAST(:now AS timestamptz) - interval '9 days', :now,
            CASE WHEN n = 7 THEN 'the phone logged out' END, '["shows_qr", "renames"]'
        FROM generate_series(0, 19) AS n
    """,
    "lease": """
        INSERT INTO lease (account, holder, epoch, expires_at)
        SELECT 'wx' || n, 'bench', 3, CAST(:now AS timestamptz) + interval '1 day'
        FROM generate_series(0, 19) AS n
    """,
    "deaf_spell": """
        INSERT INTO deaf_spell (account, since, until)
        SELECT 'wx' || n % 20, at, at + interval '20 minutes'
        FROM (SELECT n, CAST(:now AS timestamptz) - n * interval '5 hours' AS at
            FROM generate_series(1, 400) AS n) AS spells
    """,
    "staff": """
        INSERT INTO staff (person_id, role)
        SELECT 'staff' || n, (ARRAY['assistant', 'host', 'monitor'])[1 + n % 3]
        FROM generate_series(1, 80) AS n
    """,
    "member": """
        INSERT INTO member (group_id, person_id, name, nickname, role, present, origin, seen_at,
            gone_at, joined_at, left_at, inviter, left_by, erased)
        SELECT id, CASE WHEN k = 1 THEN 'bot' || n % 20
                ELSE pg_temp.mother(n * :seats + k) END,
            '妈妈' || n * k % 9973, city || '-孕' || k % 40 || '周-' || n * k % 9973,
            CASE WHEN k = 0 AND n % 20 > 0 THEN 'monitor' WHEN k = 1 THEN 'bot'
                WHEN k < 5 THEN 'koc' ELSE 'member' END,
            k < 5 OR k % 8 > 0, CASE WHEN k % 3 = 0 THEN 'baseline' ELSE 'joined' END, joined,
            CASE WHEN k >= 5 AND k % 8 = 0 THEN joined + interval '12 days' END, joined,
            CASE WHEN k >= 5 AND k % 8 = 0 THEN joined + interval '12 days' END,
            CASE WHEN k % 4 = 2 THEN pg_temp.mother(n * :seats + k / 2) END,
            NULL, false
        FROM (SELECT room.*, k, least(since + k * interval '7 hours', :now) AS joined
            FROM room, generate_series(0, :seats - 1) AS k) AS seats
        ORDER BY joined
    """,
    "join_log": """
        INSERT INTO join_log (group_id, person_id, seen_at)
        SELECT group_id, person_id, seen_at FROM member
        WHERE origin = 'joined' AND joined_at > CAST(:now AS timestamptz) - interval '120 days'
        ORDER BY seen_at
    """,
    "past_stay": """
        INSERT INTO past_stay (group_id, person_id, gone_at, origin, seen_at, joined_at, left_at)
        SELECT group_id, person_id, joined_at - interval '1 day', 'joined',
            joined_at - interval '3 days', joined_at - interval '3 days',
            joined_at - interval '1 day'
        FROM member WHERE hashtext(person_id) % 10 = 0 AND role = 'member'
        ORDER BY joined_at
    """,
    "outbox": """
        INSERT INTO outbox (key, account, kind, priority, group_id, to_person, text, mentions,
            round, step, state, epoch, attempts, promised_at, due_at, lapses_at, settled_at,
            reason)
        SELECT 'key-' || m, 'wx' || room.n % 20,
            (ARRAY['content.dry', 'content.warm', 'content.wet', 'onboarding.welcome',
                'onboarding.nickname', 'onboarding.rules', 'command.reply', 'group.notice',
                'points.awarded'])[1 + m % 9],
            3, CASE WHEN m % 40 > 0 THEN id END,
            CASE WHEN m % 40 = 0 THEN pg_temp.mother(m) END,
            '今天的小知识第' || m || '条：孕期每天喝够水，少量多次，觉得累了就歇一歇，有事群里说',
            '[]', NULL, 0, state, 3, 1, at, at + interval '1 minute', at + interval '8 hours',
            CASE WHEN state IN ('sent', 'parked', 'unsure', 'lapsed')
                THEN at + interval '2 minutes' END,
            CASE WHEN state = 'parked' THEN 'the room refused it' END
        FROM (SELECT m, CAST(:now AS timestamptz) - (:promises - m) * (interval '90 days'
                / :promises) AS at,
                CASE WHEN m > :promises - 3000 THEN 'waiting'
                    WHEN m > :promises - 5000 THEN 'paused'
                    WHEN m > :promises - 5200 THEN 'held'
                    WHEN m % 160 = 0 THEN 'parked' WHEN m % 451 = 0 THEN 'unsure'
                    WHEN m % 61 = 0 THEN 'lapsed' ELSE 'sent' END AS state
            FROM generate_series(1, :promises) AS m) AS promised
        JOIN room ON room.n = pg_temp.room(m)
        ORDER BY m
    """,
    "ledger": """
        INSERT INTO ledger (key, group_id, person_id, kind, points, at, by, message, cause, note,
            shortfall)
        SELECT 'entry-' || m, 'R:' || n || '@chatroom',
            pg_temp.mother(n * :seats + k),
            CASE WHEN m % 97 = 0 THEN 'deduction' WHEN m % 50 = 1 THEN 'bonus'
                ELSE (ARRAY['answer.given', 'answer.accepted', 'task', 'referral', 'spent'])
                    [1 + m % 5] END,
            CASE WHEN m % 97 = 0 OR m % 5 = 4 THEN -5 ELSE 3 END,
            CAST(:now AS timestamptz) - (:entries - m) * (interval '120 days' / :entries),
            'bot', CASE WHEN m % 2 = 0 THEN 'message-' || m END, NULL,
            CASE WHEN m % 50 = 1 THEN '热心回答' ELSE '' END, 0
        FROM (SELECT m, pg_temp.room(m) AS n, 2 + m / :groups % 100 AS k
            FROM generate_series(1, :entries) AS m) AS entries
        ORDER BY m
    """,
    "balance": """
        INSERT INTO balance (group_id, person_id, points)
        SELECT 'R:' || n || '@chatroom',
            pg_temp.mother(n * :seats + k), n * k % 211
        FROM generate_series(2, 101) AS k, generate_series(1, :groups) AS n
    """,
    "reward": """
        INSERT INTO reward (id, name, scope, cost, stock, limit_each, withdrawn)
        SELECT 'r' || n, '试用装' || n,
            CASE WHEN n % 3 = 0 THEN 'channel:妇幼' ELSE 'everywhere' END, 20 + n, 500, 2, n > 35
        FROM generate_series(1, 40) AS n
    """,
    "redemption": """
        INSERT INTO redemption (group_id, code, person_id, reward, name, cost, at, lapses_at,
            state, handed_at, handed_by)
        SELECT 'R:' || pg_temp.room(m) || '@chatroom', lpad(m::text, 6, '0'),
            pg_temp.mother(m), 'r' || 1 + m % 40, '试用装', 30, at,
            at + interval '14 days', state, CASE WHEN state = 'handed' THEN at END,
            CASE WHEN state = 'handed' THEN 'bench' END
        FROM (SELECT m, CAST(:now AS timestamptz) - (80000 - m) * interval '2 minutes' AS at,
            CASE WHEN m > 75000 THEN 'ready' WHEN m % 9 = 0 THEN 'lapsed' ELSE 'handed' END
                AS state
            FROM generate_series(1, 80000) AS m) AS redeemed
    """,
    "activity": """
        INSERT INTO activity (group_id, hour, role, messages, speakers)
        SELECT id, hour, role, 3 + n % 7, 2 + n % 3
        FROM generate_series(0, 55) AS day, (VALUES (0), (5), (11)) AS at (h),
            (VALUES ('member', 1), ('koc', 3), ('monitor', 5)) AS of (role, every), room,
            LATERAL (SELECT date_trunc('hour', CAST(:now AS timestamptz))
                - (55 - day) * interval '1 day' - (12 - (h + n + day) % 12) * interval '1 hour'
                AS hour) AS hours
        WHERE ours AND (n + day + h) % every = 0
        ORDER BY hour
    """,
    "speaker": """
        INSERT INTO speaker (group_id, hour, person_id, role, messages)
        SELECT group_id, hour,
            pg_temp.mother(substring(group_id, '[0-9]+')::int * :seats + k), 'member', 2
        FROM activity, generate_series(5, 6) AS k
        WHERE role = 'member' AND hour > CAST(:now AS timestamptz) - interval '8 days'
        ORDER BY hour
    """,
    "question": """
        INSERT INTO question (group_id, id, asker, text, asked_at, answered_at, closed_at,
            brought_at)
        SELECT 'R:' || pg_temp.room(m) || '@chatroom', 'q' || m,
            pg_temp.mother(m),
            CASE WHEN m > 200000 THEN '宝宝' || m % 300 || '天了晚上总醒怎么办呀' END, at,
            CASE WHEN m % 4 > 0 THEN at + interval '9 minutes' END,
            CASE WHEN m <= 396000 THEN at + interval '2 days' END,
            CASE WHEN m % 8 = 0 THEN at + interval '30 minutes' END
        FROM (SELECT m, CAST(:now AS timestamptz) - (400000 - m) * (interval '60 days' / 400000)
            AS at FROM generate_series(1, 400000) AS m) AS asked
        ORDER BY m
    """,
    "answer": """
        INSERT INTO answer (group_id, id, helper, question, asker, said_at, fingerprint)
        SELECT group_id, 'a' || id, 'wxid_' || md5(id), id, asker, answered_at, md5(id)
        FROM question WHERE answered_at IS NOT NULL ORDER BY asked_at
    """,
    "task": """
        INSERT INTO task (group_id, number, title, keyword, points, by, message, announced,
            opened_at, closes_at, closed_at)
        SELECT 'R:' || pg_temp.room(m) || '@chatroom', 1 + m / :groups, '喝水打卡',
            '已喝', 2, 'bench', 'k' || m, 'k' || m, at, at + interval '8 hours',
            CASE WHEN m < 39000 THEN at + interval '8 hours' END
        FROM (SELECT m, CAST(:now AS timestamptz) - (40000 - m) * interval '3 minutes' AS at
            FROM generate_series(1, 40000) AS m) AS tasks
    """,
    "task_response": """
        INSERT INTO task_response (group_id, task, person_id, at)
        SELECT group_id, number, pg_temp.mother(number * k), opened_at + interval '1 hour'
        FROM task, generate_series(1, 5) AS k
    """,
    "koc_term": """
        INSERT INTO koc_term (group_id, person_id, since, until)
        SELECT id, pg_temp.mother(n * :seats + k),
            since + k * interval '20 days',
            CASE WHEN k = 2 THEN since + interval '80 days' END
        FROM room, generate_series(2, 4) AS k
    """,
    "content_item": """
        INSERT INTO content_item (id, kind, text, voice, title, stages, phases, from_week,
            to_week, cities, channels, valid_from, valid_to, weight, source, approved_by)
        SELECT 'c' || n, (ARRAY['dry', 'wet', 'warm'])[1 + n % 3],
            '第' || n || '条：孕期每天喝够水，少量多次', CASE WHEN n % 7 = 0 THEN 'monitor'
            ELSE 'assistant' END, '喝水' || n, '[]', '[]',
            CASE WHEN n % 2 = 0 THEN n % 40 - 30 END, CASE WHEN n % 2 = 0 THEN n % 40 END, '[]',
            CASE WHEN n % 9 = 0 THEN '["妇幼"]'::jsonb ELSE '[]' END, NULL, NULL, 1, '',
            CASE WHEN n % 5 > 0 THEN 'bench' END
        FROM generate_series(1, 500) AS n
    """,
    "programme": """
        INSERT INTO programme (group_id, plan_at, planned_on, phase, recent, seen)
        SELECT id, CAST(:now AS timestamptz) + interval '1 day', CAST(:today AS date), 'growing',
            '', (SELECT jsonb_agg('c' || 1 + (n * 13 + k * 7) % 500)
                FROM generate_series(1, 150) AS k)
        FROM room WHERE ours
    """,
    "post": """
        INSERT INTO post (group_id, day, slot, account, phase, kind, state, opens_at, closes_at,
            said_at, due_at, item, voice, why, approved_by, given, posted_at, heard, speakers,
            usual_heard, usual_speakers)
        SELECT id, day, slot, account, 'growing', kind, state, at, at + interval '1 hour', at,
            CASE WHEN state = 'planned' THEN at END,
            CASE WHEN state <> 'empty' THEN 'c' || 1 + (n * 13 + days * 7 + slot) % 500 END,
            'assistant', '', CASE WHEN n % 3 = 0 THEN 'bench' END, '[]',
            CASE WHEN state = 'posted' THEN at END,
            CASE WHEN state = 'posted' THEN (n + days) % 19 END,
            CASE WHEN state = 'posted' THEN (n + days) % 7 END,
            CASE WHEN state = 'posted' THEN 5.5 END, CASE WHEN state = 'posted' THEN 3.5 END
        FROM (
            SELECT room.*, days, slot, kind, CAST(:today AS date) - days AS day,
                (CAST(:today AS date) - days + slot * interval '1 minute')
                    AT TIME ZONE 'Asia/Shanghai' AS at,
                CASE WHEN days = 0 AND slot > 660 THEN 'planned'
                    WHEN (n + days + slot) % 40 = 0 THEN 'empty'
                    WHEN (n + days + slot) % 40 = 1 THEN 'skipped'
                    WHEN (n + days + slot) % 40 = 2 THEN 'lapsed' ELSE 'posted' END AS state
            FROM generate_series(17, 0, -1) AS days,
                (VALUES (660, 'dry'), (1020, 'warm'), (1438, 'wet')) AS slots (slot, kind), room
            WHERE ours
        ) AS posts
        ORDER BY days DESC, slot, n
    """,
    "learned_hours": """
        INSERT INTO learned_hours (cohort, stage, spans, shares, known, learned_on)
        SELECT DISTINCT city || '~' || channel || '~' || birth_window, 'postnatal',
            '11:00-12:00,20:00-21:00', (SELECT jsonb_agg(0.04) FROM generate_series(1, 24)), 0.7,
            CAST(:today AS date)
        FROM room
    """,
    "entry_code": """
        INSERT INTO entry_code (code, channel, city, referrer, member, group_id, headline,
            template, created_at, created_by)
        SELECT 'code' || m, (CAST(:channels AS text[]))[1 + m % 8], NULL,
            CASE WHEN m % 3 = 0 THEN '' ELSE '护士' || m % 500 END,
            CASE WHEN m > 2000 THEN pg_temp.mother(m) END, NULL, '',
            'mother', CAST(:now AS timestamptz) - (60000 - m) * interval '4 minutes', 'bench'
        FROM generate_series(1, 60000) AS m
    """,
    "visitor": """
        INSERT INTO visitor (id, code, scanned_at, answered_at, channel, city, birth_window, baby,
            day, name, ticket, group_id, placed_at, shown_at, person, account, joined_in,
            joined_at, matched_by, left_at, waiting_since)
        SELECT md5(m::text), 'code' || 1 + pg_temp.room(m) * 6
                % CASE WHEN m % 3 = 0 THEN 60000 ELSE 2000 END, at,
            CASE WHEN m % 10 < 7 THEN at END, channel, CASE WHEN m % 10 < 7 THEN city END,
            CASE WHEN m % 10 < 7 THEN birth_window END, CASE WHEN m % 10 < 7 THEN 'born' END,
            CASE WHEN m % 10 < 7 AND m > 150000 THEN CAST(:today AS date) - m % 300 END,
            CASE WHEN m % 10 < 7 AND m > 150000 THEN '妈妈' || m ELSE '' END, NULL,
            CASE WHEN m % 10 < 6 THEN id END, CASE WHEN m % 10 < 6 THEN at END,
            CASE WHEN m % 10 < 6 THEN at END,
            CASE WHEN m % 10 < 4 THEN pg_temp.mother(m) END,
            CASE WHEN m % 10 < 4 THEN account END, CASE WHEN m % 10 < 4 THEN id END,
            CASE WHEN m % 10 < 4 THEN at + interval '1 hour' END,
            CASE WHEN m % 10 < 4 THEN 'ticket' END,
            CASE WHEN m % 100 < 4 THEN at + interval '5 days' END,
            CASE WHEN m % 10 = 6 AND m > 198000 THEN at END
        FROM (SELECT m, CAST(:now AS timestamptz) - (200000 - m) * interval '1 minute' AS at
            FROM generate_series(1, 200000) AS m) AS scans
        JOIN room ON n = pg_temp.room(m)
        ORDER BY m
    """,
    "way": """
        INSERT INTO way (group_id, kind, got_at, by, content, valid_until)
        SELECT id, 'room_qr', :now, account, 'https://weixin.qq.com/g/' || md5(id),
            CAST(:now AS timestamptz) + interval '6 days'
        FROM room WHERE n % 2 = 0
    """,
    "opening": """
        INSERT INTO opening (city, channel, birth_window, seq, name, token, state, asked_at,
            account, group_id, opened_at)
        SELECT city, channel, birth_window, n, id, 'token' || n,
            CASE WHEN n < 40 THEN 'asked' ELSE 'open' END, since, account, id, since
        FROM room WHERE n < 4000
    """,
    "referral": """
        INSERT INTO referral (group_id, person_id, joined_at, code, visitor, by_link, by_name,
            by_platform, due_at, credited, credited_in, why_not, left_at)
        SELECT group_id, person_id, joined_at,
            CASE WHEN hashtext(person_id) % 2 = 0 THEN 'code' || 2001 + abs(hashtext(person_id))
                % 58000 END, NULL,
            CASE WHEN hashtext(person_id) % 2 = 0 THEN inviter END, '妈妈', inviter, NULL,
            inviter, group_id, '', left_at
        FROM member WHERE inviter IS NOT NULL AND hashtext(group_id) % 2 = 0 ORDER BY joined_at
    """,
    "short_link": """
        INSERT INTO short_link (slug, target, group_id, day, slot, item, made_at)
        SELECT DISTINCT ON (room, day, target) substring(md5(m::text), 1, 10), target,
            'R:' || room || '@chatroom', day, 660, 'c' || 1 + m % 500,
            CAST(:now AS timestamptz) - (80000 - m) * interval '19 seconds'
        FROM (SELECT m, pg_temp.room(m) AS room, 'https://example.com/a/' || m % 200 AS target,
            CAST(:today AS date) - (80000 - m) / 4500 AS day
            FROM generate_series(1, 80000) AS m) AS links
    """,
    "click": """
        INSERT INTO click (slug, visitor, first_at, times)
        SELECT slug, md5(slug || k), made_at + interval '1 hour', 1
        FROM short_link, generate_series(1, 4) AS k
    """,
    "notice": """
        INSERT INTO notice (group_id, concern, found_at, text, told_at, ended_at)
        SELECT id, concern, least(since + n % 97 * interval '1 day', :now), '最近一周没什么人说话',
            least(since + n % 97 * interval '1 day', :now),
            CASE WHEN n % 16 > 0 THEN CAST(:now AS timestamptz) - n % 60 * interval '1 day' END
        FROM room, (VALUES ('at_risk', 0), ('silent', 1), ('nearly_full', 2), ('no_way_in', 3),
            ('monitor_quiet', 4), ('library_short', 5)) AS concerns (concern, k)
        WHERE ours AND (n + k) % 3 = 0
        UNION ALL
        SELECT id, 'leaving', CAST(:now AS timestamptz) - n * interval '1 minute',
            '走了好几个人', NULL, NULL
        FROM room WHERE n % 700 = 0
    """,
    "audit": """
        INSERT INTO audit (at, by, token, action, target, group_id, note, before, after)
        SELECT CAST(:now AS timestamptz) - (100000 - m) * interval '2 minutes', '运营' || m % 9, 1,
            (ARRAY['group.changed', 'reward.changed', 'post.approved', 'points.given'])
                [1 + m % 4],
            'group:R:' || pg_temp.room(m) || '@chatroom',
            'R:' || pg_temp.room(m) || '@chatroom', '', '{"cost": 50}',
            '{"cost": 60}'
        FROM generate_series(1, 100000) AS m
    """,
    "day_total": """
        INSERT INTO day_total (day, channel, groups, heard, joined, gone, messages, asked,
            answered, said, points, counted_at)
        SELECT CAST(:today AS date) - d, channel, 1200, 0.99, 1500, 300, 30000, 800, 700, 3000,
            2500, :now
        FROM generate_series(1, 180) AS d, unnest(CAST(:channels AS text[])) AS channel
    """,
    "rule_layer": """
        INSERT INTO rule_layer (scope, version, overrides)
        VALUES ('everywhere', 3, '{"onboarding": {"calm_delay": 5}}'::jsonb)
        UNION ALL SELECT 'channel:' || channel, 1, '{"content": {"approval": true}}'
        FROM unnest((CAST(:channels AS text[]))[1:2]) AS channel
        UNION ALL SELECT 'group:' || id, 1, '{"growth": {"qr_until": 180}}' FROM room
        WHERE n % 20 = 0
    """,
    "rule_change": """
        INSERT INTO rule_change (scope, version, changed_at, changed_by, before, after)
        SELECT scope, v, CAST(:now AS timestamptz) - (9 - v) * interval '3 days', 'bench', '{}',
            overrides
        FROM rule_layer, generate_series(1, version) AS v
    """,
    "dead_letter": """
        INSERT INTO dead_letter (kind, event, traceback, seen_at)
        SELECT 'said', '{"group": "R:1@chatroom", "text": "在吗"}', repeat('Traceback ', 200),
            CAST(:now AS timestamptz) - m * interval '3 hours'
        FROM generate_series(1, 500) AS m
    """,
    "api_token": """
        INSERT INTO api_token (name, role, digest, scopes, created_at)
        SELECT '运营' || n, 'operator', 'digest' || n, '["channel:妇幼"]', :now
        FROM generate_series(1, 60) AS n
    """,
}  # fmt: skip


async def live_months(
    engine: AsyncEngine,
    now: datetime,
    *,
    groups: int = GROUPS,
    promises: int = 1_500_000,
    entries: int = 1_000_000,
) -> None:
    """Fills the empty tables. They are not logged, and indexed once they are full."""
    given = {
        "now": now,
        "today": now.astimezone(ZONE).date(),
        "cities": list(CITIES),
        "channels": list(CHANNELS),
        "windows": _windows(now),
        "groups": groups,
        "seats": SEATS,
        "promises": promises,
        "entries": entries,
    }
    indexes = [
        each
        for table in Base.metadata.sorted_tables
        for each in table.indexes
        if table.name in STATEMENTS
    ]
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("SET maintenance_work_mem = '256MB'"))
        await connection.execute(text("SET work_mem = '128MB'"))
        await _drop(connection, indexes)
        parts = {each.table: each.rest for each in MONTHLY}
        for name in STATEMENTS:
            await connection.execute(text(f"ALTER TABLE {parts.get(name, name)} SET UNLOGGED"))
        await connection.execute(text(NAMES))
        await connection.execute(text(ROOM_OF.format(groups=groups)))
        await _say(connection, ROOMS, given)
        await connection.execute(text("ANALYZE room"))
        for statement in STATEMENTS.values():
            await _say(connection, statement, given)
        for each in indexes:
            await connection.execute(CreateIndex(each))
        await connection.execute(text("DROP TABLE room"))
        await connection.execute(text("RESET ALL"))
        await connection.execute(text("VACUUM ANALYZE"))


def _windows(now: datetime) -> list[str]:
    """Of babies who are born already, or will be."""
    today = now.astimezone(ZONE).date()
    first = today.replace(month=(today.month - 1) // MONTHS * MONTHS + MONTHS, day=1)
    days = (shift_months(first, MONTHS * n) for n in range(3 - WINDOWS, 3))
    return [str(BirthWindow(day.year, day.month)) for day in days]


async def _drop(connection: AsyncConnection, indexes: list[Index]) -> None:
    for each in indexes:
        await connection.execute(DropIndex(each))


async def _say(connection: AsyncConnection, statement: str, given: Mapping[str, Any]) -> None:
    wanted = text(statement)
    await connection.execute(wanted, {name: given[name] for name in wanted.compile().params})
