using System.Text.Json;
using Gateway.Core.Catalog;
using Gateway.Web.Administration;
using Gateway.Web.Administration.Transcoding;
using Microsoft.AspNetCore.Components;

namespace Gateway.Web.Components.Pages.ProtocolLab;

/// <summary>One thing in all protocols side by side. The address holds the protocol and the sample, never what was pasted.</summary>
public sealed partial class ProtocolLabPage
{
    private static readonly IReadOnlyList<(string Kind, string Title)> Kinds =
        [(WireComparison.Request, "A request"), (WireComparison.Answer, "An answer"), (WireComparison.Stream, "A stream")];

    private Wire _from;
    private string _kind = WireComparison.Request;
    private string? _sample;
    private string _text = "";
    private string _model = "";
    private bool _stream;
    private IReadOnlyList<WireSample> _samples = [];
    private IReadOnlyList<CatalogError> _errors = [];
    private TranscodeView? _view;

    [Inject] public required NavigationManager Navigation { get; init; }

    /// <summary>The name of a wire.</summary>
    [SupplyParameterFromQuery] public string? From { get; set; }

    /// <summary>Request, answer or stream.</summary>
    [SupplyParameterFromQuery] public string? Kind { get; set; }

    /// <summary>The id of a sample.</summary>
    [SupplyParameterFromQuery] public string? Sample { get; set; }

    private string Title => _kind switch
    {
        WireComparison.Answer => $"{_from.ToTitle()} answer",
        WireComparison.Stream => $"{_from.ToTitle()} stream",
        _ => $"{_from.ToTitle()} request",
    };

    private string? Hint => _kind != WireComparison.Stream ? null
        : _from == Wire.BedrockConverse ? "Bedrock's streams are binary and cannot be pasted." : "The events as they came: data: lines, with empty lines between.";

    protected override void OnInitialized()
    {
        _from = Wires.TryParse(From, out Wire wire) ? wire : Wire.OpenAIChat;
        _kind = WireComparison.Kinds.Contains(Kind) ? Kind! : WireComparison.Request;
        _samples = WireSample.Of(_from, _kind);
        if (_samples.FirstOrDefault(s => s.Id == Sample) is { } sample)
        {
            (_sample, _text) = (sample.Id, sample.Text);
            Compare();
        }
    }

    private void ChooseWire(string name)
    {
        _from = Wires.TryParse(name, out Wire wire) ? wire : _from;
        Change();
    }

    private void ChooseKind(string kind)
    {
        _kind = kind;
        Change();
    }

    // A sample follows to the new protocol; what was pasted stays, for whoever chose the wrong one.
    private void Change()
    {
        _samples = WireSample.Of(_from, _kind);
        (_errors, _view) = ([], null);
        if (_sample is not null && (_samples.FirstOrDefault(s => s.Id == _sample) ?? (_samples.Count > 0 ? _samples[0] : null)) is { } sample)
        {
            Take(sample);
        }
        else
        {
            _text = _sample is null ? _text : "";
            _sample = null;
        }
        ShowInAddress();
    }

    private void Take(WireSample sample)
    {
        (_sample, _text) = (sample.Id, sample.Text);
        Compare();
        ShowInAddress();
    }

    private void Edit(string? text)
    {
        _text = text ?? "";
        _sample = null;
    }

    private void ShowInAddress() => Navigation.NavigateTo(ConsoleUrls.ProtocolLab(_from.ToName(), _kind, _sample), replace: true);

    private void Compare()
    {
        AdministrationResult<TranscodeView> result = WireComparison.Run(new TranscodeInput
        {
            From = _from.ToName(),
            Kind = _kind,
            Content = JsonSerializer.SerializeToElement(_text),
            Model = _model,
            Stream = _stream,
        });
        (_view, _errors) = (result.Value, result.Errors);
    }
}
