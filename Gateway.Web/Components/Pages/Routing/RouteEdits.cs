using System.Text.Json;
using Gateway.Web.Administration;

namespace Gateway.Web.Components.Pages.Routing;

/// <summary>What was changed of a route since it was read, and the way back, one change after the other.</summary>
public sealed class RouteEdits
{
    private readonly RouteForm _form;
    private readonly RouteView _saved;
    private readonly string _savedText;
    private readonly Stack<RouteView> _before = new();
    private RouteView _now;
    private string _nowText;

    public RouteEdits(RouteForm form)
    {
        _form = form;
        _now = _saved = form.ToView();
        _nowText = _savedText = AdministrationJson.Serialize(_saved);
    }

    /// <summary>It is not what it was when it was read.</summary>
    public bool IsChanged => _nowText != _savedText;

    /// <summary>The route as it is now, to be kept where it outlives this page.</summary>
    public string Text => _nowText;

    public bool CanUndo => _before.Count > 0;

    /// <summary>Call after anything may have changed.</summary>
    /// <returns>Whether something had.</returns>
    public bool Note()
    {
        RouteView view = _form.ToView();
        string text = AdministrationJson.Serialize(view);
        if (text == _nowText)
        {
            return false;
        }
        _before.Push(_now);
        (_now, _nowText) = (view, text);
        return true;
    }

    /// <summary>Becomes what was kept, as a change that can be taken back.</summary>
    /// <returns>False when it cannot be read.</returns>
    public bool Restore(string text)
    {
        try
        {
            if (JsonSerializer.Deserialize<RouteView>(text, AdministrationJson.Options) is { } view)
            {
                _form.Take(view);
                return Note();
            }
        }
        catch (JsonException)
        {
            // Kept by another version.
        }
        return false;
    }

    /// <summary>Takes the last change back.</summary>
    public void Undo()
    {
        if (_before.TryPop(out RouteView? view))
        {
            _form.Take(view);
            (_now, _nowText) = (view, AdministrationJson.Serialize(view));
        }
    }

    /// <summary>Whether another step, or this one with other settings, stood at its place.</summary>
    public bool IsChangedAt(int place) => place >= _saved.Steps.Count || place >= _now.Steps.Count || _saved.Steps[place] != _now.Steps[place];
}
