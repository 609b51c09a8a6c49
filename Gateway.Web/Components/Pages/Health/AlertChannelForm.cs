using System.Text.Json.Serialization;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Operations;
using Gateway.Web.Alerts;
using Gateway.Web.Components.Controls;

namespace Gateway.Web.Components.Pages.Health;

/// <summary>An alert channel while it is being edited.</summary>
internal sealed class AlertChannelForm
{
    public string Name { get; set; } = "";
    public string Type { get; set; } = AlertChannel.Webhook;

    /// <summary>Those of chat services have their token in them. Empty keeps the present one.</summary>
    [JsonIgnore]
    public string Url { get; set; } = "";

    /// <summary>Empty keeps the present one.</summary>
    [JsonIgnore]
    public string Secret { get; set; } = "";
    public string Host { get; set; } = "";
    public int Port { get; set; } = 587;
    public string Security { get; set; } = "starttls";
    public string User { get; set; } = "";
    public string Sender { get; set; } = "";

    /// <summary>With commas between.</summary>
    public string To { get; set; } = "";
    public bool Active { get; set; } = true;

    public static AlertChannelForm From(AlertChannelView? channel)
    {
        var form = new AlertChannelForm();
        return channel is null
            ? form
            : new AlertChannelForm
            {
                Name = channel.Name,
                Type = channel.Type,
                Host = channel.Host ?? form.Host,
                Port = channel.Port ?? form.Port,
                Security = channel.Security ?? form.Security,
                User = channel.User ?? form.User,
                Sender = channel.From ?? form.Sender,
                To = string.Join(", ", channel.To),
                Active = channel.Active,
            };
    }

    public AlertChannelChange ToChange(bool isNew)
    {
        var change = new AlertChannelChange { Name = Name, Active = Active, Secret = Secret.Length > 0 ? Secret : default(Optional<string?>) };
        change = isNew ? change with { Type = Type } : change;
        return Type == AlertChannel.Webhook
            ? change with { Url = Url.Length > 0 || isNew ? Url : default(Optional<string?>) }
            : change with
            {
                Host = Host,
                Port = Port,
                Security = Security,
                User = User,
                From = Sender,
                To = new(CommaList.Split(To)),
            };
    }
}
