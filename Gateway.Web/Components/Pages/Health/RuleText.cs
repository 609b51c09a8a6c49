using Gateway.Web.Administration.Operations;
using Gateway.Web.Alerts;
using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Health;

/// <summary>Alert rules in words.</summary>
internal static class RuleText
{
    /// <summary>When it fires.</summary>
    public static string Of(AlertRuleView rule, Show show)
    {
        AlertMetric? metric = AlertMetric.Find(rule.Metric);
        if (metric is null)
        {
            return rule.Metric;
        }
        string over = metric.HasWindow ? $" over {rule.WindowMinutes} min" : "";
        string wait = rule.ForSeconds > 0 ? $" for {show.Duration(TimeSpan.FromSeconds(rule.ForSeconds))}" : "";
        string what = metric.Below ? "Requests" : metric.Label;
        return $"{what} of {rule.OfName}{over} {(metric.Below ? "below" : "at")} {metric.Show(rule.Threshold)}{(metric.Below ? "" : " or more")}{wait}";
    }
}
