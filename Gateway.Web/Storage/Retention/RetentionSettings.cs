namespace Gateway.Web.Storage.Retention;

/// <summary>For how many days rows are kept; 0 is for ever.</summary>
/// <param name="CaptureDays">What was said in calls; never for ever.</param>
internal sealed record RetentionSettings(int UsageDays, int AuditDays, int EventsDays, int CaptureDays = 7);
