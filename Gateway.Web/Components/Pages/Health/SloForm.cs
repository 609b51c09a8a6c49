using Gateway.Web.Administration.Operations;

namespace Gateway.Web.Components.Pages.Health;

/// <summary>The targets of a model while they are being edited.</summary>
internal sealed class SloForm
{
    /// <summary>The model's id; empty until one is chosen.</summary>
    public string Model { get; set; } = "";
    public double? ErrorRate { get; set; } = 1;
    public double? Ttft { get; set; }
    public int Days { get; set; } = 30;

    public static SloForm From(SloView? slo) => slo is null
        ? new SloForm()
        : new SloForm { Model = slo.ModelId, ErrorRate = slo.ErrorRatePercent, Ttft = slo.TtftP95Ms, Days = slo.WindowDays };

    public SloChange ToChange() => new() { Model = Model, ErrorRatePercent = new(ErrorRate), TtftP95Ms = new(Ttft), WindowDays = Days };
}
