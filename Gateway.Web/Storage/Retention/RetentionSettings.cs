namespace Gateway.Web.Storage.Retention;

/// <summary>For how many days rows are kept; 0 is for ever.</summary>
internal sealed record RetentionSettings(int UsageDays, int AuditDays, int EventsDays);
