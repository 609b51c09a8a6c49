using System.Text.Json.Serialization;
using Gateway.Core.Limits;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Alerts;

namespace Gateway.Web.Components.Pages.Health;

/// <summary>An alert rule while it is being edited.</summary>
internal sealed class AlertRuleForm
{
    public string Name { get; set; } = "";
    public string Metric { get; set; } = AlertMetric.All[0].Name;
    public string Scope { get; set; } = ScopeKind.Gateway.ToName();

    /// <summary>The id of what it watches; empty for the gateway.</summary>
    public string Of { get; set; } = "";
    public string Severity { get; set; } = "warning";
    public double? Threshold { get; set; } = AlertMetric.All[0].Usual;
    public int Window { get; set; } = 5;
    public int For { get; set; }
    public int Repeat { get; set; } = 60;
    public int Calls { get; set; } = 5;

    /// <summary>The ids of the channels that are told.</summary>
    public HashSet<string> Told { get; set; } = [];
    public bool Active { get; set; } = true;

    [JsonIgnore]
    public AlertMetric Watched => AlertMetric.Find(Metric) ?? AlertMetric.All[0];

    public static AlertRuleForm From(AlertRuleView? rule) => rule is null
        ? new AlertRuleForm()
        : new AlertRuleForm
        {
            Name = rule.Name,
            Metric = rule.Metric,
            Scope = rule.Scope,
            Of = rule.Of,
            Severity = rule.Severity,
            Threshold = rule.Threshold,
            Window = rule.WindowMinutes,
            For = rule.ForSeconds,
            Repeat = rule.RepeatMinutes,
            Calls = rule.MinimumCalls,
            Told = [.. rule.Channels],
            Active = rule.Active,
        };

    /// <summary>Another metric has a usual threshold of its own, and may not be watched for what was chosen.</summary>
    public void Watch(string metric)
    {
        Metric = metric;
        Threshold = Watched.Usual;
        if (Watched.Scopes.All(s => s.ToName() != Scope))
        {
            WatchOf(ScopeKind.Gateway.ToName());
        }
    }

    public void WatchOf(string scope) => (Scope, Of) = (scope, "");

    public void Tell(string channel, bool tell) => _ = tell ? Told.Add(channel) : Told.Remove(channel);

    /// <param name="channels">Those that there are; a rule can name some that are gone.</param>
    public AlertRuleChange ToChange(IReadOnlyList<AlertChannelView> channels) => new()
    {
        Name = Name,
        Metric = Metric,
        Scope = Scope,
        Of = Of,
        Threshold = new(Threshold),
        WindowMinutes = Window,
        ForSeconds = For,
        Severity = Severity,
        Channels = new([.. Told.Where(t => channels.Any(c => c.Id == t)).Order(StringComparer.Ordinal)]),
        RepeatMinutes = Repeat,
        MinimumCalls = Calls,
        Active = Active,
    };
}
