using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Gateway.Tests.Security;

/// <summary>What compiled methods call: their own code, and that of the lambdas and state machines that the compiler made of it.</summary>
internal static class CallGraph
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => (int)(ushort)c.Value);

    /// <summary>Every method and constructor of a type and of what is nested in it.</summary>
    public static IEnumerable<MethodBase> MethodsOf(Type type) =>
        type.GetMembers(All).OfType<MethodBase>().Concat(type.GetNestedTypes(All).SelectMany(MethodsOf));

    /// <summary>What the method calls or makes a delegate of, itself or in its state machine.</summary>
    public static IEnumerable<MethodBase> CallsOf(MethodBase method)
    {
        IEnumerable<MethodBase> calls = Read(method);
        Type? machine = method.GetCustomAttribute<AsyncStateMachineAttribute>()?.StateMachineType ?? method.GetCustomAttribute<AsyncIteratorStateMachineAttribute>()?.StateMachineType;
        return machine?.GetMethod("MoveNext", All) is { } moveNext ? calls.Concat(Read(moveNext)) : calls;
    }

    /// <summary>Whether the method comes to such a call by way of code of its own class.</summary>
    public static bool Reaches(MethodBase method, Func<MethodBase, bool> sought)
    {
        Type outer = Outermost(method.DeclaringType!);
        var seen = new HashSet<MethodBase>();
        var open = new Stack<MethodBase>([method]);
        while (open.TryPop(out MethodBase? next))
        {
            foreach (MethodBase call in CallsOf(next))
            {
                if (sought(call))
                {
                    return true;
                }
                MethodBase own = call is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericMethodDefinition() : call;
                if (own.DeclaringType is { } type && Outermost(type) == outer && seen.Add(own))
                {
                    open.Push(own);
                }
            }
        }
        return false;
    }

    private static Type Outermost(Type type) => type.DeclaringType is { } declaring ? Outermost(declaring) : type;

    private static IEnumerable<MethodBase> Read(MethodBase method)
    {
        byte[]? code = method.GetMethodBody()?.GetILAsByteArray();
        for (int at = 0; code is not null && at < code.Length;)
        {
            int value = code[at++];
            OpCode op = Codes[value == 0xFE ? 0xFE00 | code[at++] : value];
            if (op.OperandType == OperandType.InlineMethod && Resolve(method, BitConverter.ToInt32(code, at)) is { } called)
            {
                yield return called;
            }
            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    private static MethodBase? Resolve(MethodBase within, int token)
    {
        try
        {
            return within.Module.ResolveMethod(token, within.DeclaringType?.GetGenericArguments(), within is MethodInfo { IsGenericMethod: true } m ? m.GetGenericArguments() : null);
        }
        catch (Exception e) when (e is ArgumentException or BadImageFormatException)
        {
            return null;
        }
    }
}
