namespace Gateway.Core.Capture;

/// <summary>
/// Takes what was said in calls off the request path. Bounded: room is asked for when a call begins, so that it is known at
/// once, and stands in the call's record, when there is none. Safe for concurrent use; nothing in it waits.
/// </summary>
public interface ICaptureSink
{
    /// <summary>Room for one more call; false when there is none. Whoever got it calls <see cref="Post"/>.</summary>
    bool TryReserve();

    /// <summary>What was said in a call that has room.</summary>
    void Post(CapturedCall call);
}
