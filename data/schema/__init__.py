"""The tables, as numbered migrations; a migration that has left the house is never edited again."""

from data.schema import (
    m0001_people,
    m0002_sign_ins,
    m0003_messages,
    m0004_audit,
    m0005_adoptions,
    m0006_loans,
    m0007_modem_facts,
    m0008_alarms,
    m0009_sim_of_transmission,
    m0010_roaming,
    m0011_audit_search,
    m0012_administration,
    m0014_account,
    m0015_unix_accounts,
    m0017_reports,
    m0018_search,
    m0019_roles_to_confirm,
    m0020_four_eyes,
)

# In the order in which they are applied. The number in the name is the schema version that SchemaTooNew speaks of.
MIGRATIONS = (
    m0001_people,
    m0002_sign_ins,
    m0003_messages,
    m0004_audit,
    m0005_adoptions,
    m0006_loans,
    m0007_modem_facts,
    m0008_alarms,
    m0009_sim_of_transmission,
    m0010_roaming,
    m0011_audit_search,
    m0012_administration,
    m0014_account,
    m0015_unix_accounts,
    m0017_reports,
    m0018_search,
    m0019_roles_to_confirm,
    m0020_four_eyes,
)
