using Gateway.Core.Catalog;
using Gateway.Core.Chaos;
using Gateway.Core.Failover.Capabilities;
using Gateway.Core.Failover.Translated;
using Gateway.Core.Generation;
using Gateway.Core.Health;
using Gateway.Core.Limits;

namespace Gateway.Core.Failover;

/// <summary>Makes a call to one backend ready: translated if need be, with a place at the provider, its circuit's leave, and a credential.</summary>
internal sealed class Attempts(
    IReadOnlyDictionary<ProviderKind, IProviderAdapter> adapters, Translator translator, CapabilityTranslator capabilities, ILimitStore limits, ChaosSwitch? chaos)
{
    /// <summary>The attempt; or why there is none; or neither, when the call was answered without one.</summary>
    /// <param name="mayWarmUp">A 503 is that of a model which is being loaded.</param>
    /// <param name="resumed">The answer that this attempt goes on with; null begins one.</param>
    public async ValueTask<(Attempt? Attempt, GatewayError? Error)> PrepareAsync(
        Call call, RouteStep step, Backend backend, bool mayWarmUp, ResumableAnswer? resumed = null)
    {
        if (!adapters.TryGetValue(backend.Provider.Kind, out IProviderAdapter? adapter))
        {
            return (null, new GatewayError(GatewayErrorKind.NoBackend, $"This gateway cannot call providers of the kind {backend.Provider.Kind.ToName()} yet."));
        }
        Operation asked = call.Envelope.Operation;
        if (adapter.Serve(backend, asked) is not { } served)
        {
            return (null, asked.CountsTokens() && !IsServedNatively(call) ? await CountEstimate.AnswerAsync(call) : Translator.NotServable(call, backend));
        }
        if (Convert(call, backend, served, resumed, out Translation? translation, out CapabilityBridge? bridge) is { } unservable)
        {
            return (null, unservable);
        }
        (BackendPlace place, GatewayError? refused) = await BackendPlace.TakeAsync(limits, call, backend, keeper: null);
        if (refused is not null)
        {
            return (null, refused);
        }
        if (resumed is not null)
        {
            call.BeginContinuation();
        }
        var scope = new AttemptScope(call, place) { MayBeWarming = mayWarmUp, Resumes = resumed is not null, Fault = chaos?.Find(call.Key, backend) };
        return (new Attempt(call, adapter, scope, place.Lease, place.OfProvider, call.TimeoutsFor(backend.Provider, step, at: place.TakenAt))
        {
            Operation = served,
            Translation = translation,
            Translator = translator,
            Bridge = bridge,
        }, null);
    }

    private GatewayError? Convert(
        Call call, Backend backend, Operation served, ResumableAnswer? resumed, out Translation? translation, out CapabilityBridge? bridge)
    {
        (translation, bridge) = (null, null);
        Operation asked = call.Envelope.Operation;
        // A provider of Responses keeps its answers, under ids that only its own bytes hold.
        bool joins = call.IsRecoverable && asked != Operation.Responses;
        if (served == asked && !joins && !HoldsForeignSignatures(call))
        {
            return null;
        }
        // A picture may be made by the operation that generates text elsewhere; it is a capability all the same.
        return asked.IsCapability() || served.GenerationWire() is not { } wire
            ? capabilities.Translate(call, backend, served, out bridge)
            : translator.Translate(call, backend, wire, resumed, out translation);
    }

    private bool IsServedNatively(Call call) => call.Plan.Steps.Any(s => s.Backends.Any(b =>
        adapters.TryGetValue(b.Provider.Kind, out IProviderAdapter? adapter) && adapter.Serve(b, call.Envelope.Operation) is not null));

    // A turn that another vendor answered, in the words of a client of this wire: this vendor would refuse what it did not sign.
    private static bool HoldsForeignSignatures(Call call) =>
        call.Envelope.Operation is Operation.ChatCompletions or Operation.Messages or Operation.Responses or Operation.GenerateContent
        && ForeignSignature.MayBeIn(call.Envelope.Operation.GenerationWire()!.Value, call.Envelope.Body.Span);
}
